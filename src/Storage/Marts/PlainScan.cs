using System.Globalization;

namespace Recs.Storage.Marts;

/// <summary>One pass over the mart of impressions that adds up two columns: what the database can do at most, to hold reports against, and what there is in all.</summary>
/// <param name="Shown">Shown items.</param>
/// <param name="Clicks">That count for them.</param>
/// <param name="ConversionMicros">Worth of the conversions that count for them, millionths of the currency.</param>
public sealed record PlainScan(long Shown, long Clicks, long ConversionMicros)
{
    /// <summary>Reads the mart as it is.</summary>
    /// <param name="store">Migrated; its thread rule holds.</param>
    public static PlainScan Run(IRecsStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var row = store.Query("select count(*), cast(coalesce(sum(clicks), 0) as bigint), cast(coalesce(sum(conversion_micros), 0) as bigint) from fct_impression", new Dictionary<string, object>()).Rows[0];
        return new(Number(row[0]), Number(row[1]), Number(row[2]));
    }

    private static long Number(object? value) => Convert.ToInt64(value, CultureInfo.InvariantCulture);
}
