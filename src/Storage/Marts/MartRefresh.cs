namespace Recs.Storage.Marts;

/// <summary>What a refresh did to one mart.</summary>
/// <param name="Mart">Its table.</param>
/// <param name="IsRebuilt">Whether all days were due: it was never made, its SQL or the window has changed, or facts have left in a way that leaves no trace of their days.</param>
/// <param name="Days">UTC days made again.</param>
/// <param name="Rows">In those days now.</param>
public sealed record MartRefresh(string Mart, bool IsRebuilt, long Days, long Rows);
