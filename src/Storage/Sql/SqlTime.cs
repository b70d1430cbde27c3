using Recs.Domain;

namespace Recs.Storage.Sql;

/// <summary>Moments as SQL holds them: <c>timestamp</c> without a zone, meaning UTC.</summary>
internal static class SqlTime
{
    /// <summary>As a column value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside of the years 1 to 9999, which is all a column of either engine can be read back from.</exception>
    public static DateTime Of(Timestamp time) => time.ToDateTimeOffset().DateTime;

    /// <summary>The UTC day of <paramref name="time"/>.</summary>
    public static DateOnly DayOf(Timestamp time) => DateOnly.FromDateTime(Of(time));

    /// <summary>Back from a column value.</summary>
    public static Timestamp From(DateTime value) => new((value.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond);
}
