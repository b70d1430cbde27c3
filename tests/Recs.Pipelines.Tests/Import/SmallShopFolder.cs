using System.Globalization;
using Recs.Domain;
using Recs.Storage.Parquet;

namespace Recs.Pipelines.Tests.Import;

/// <summary>A made-up shop in the files of the online-retail data set.</summary>
internal static class SmallShopFolder
{
    private const int Items = 40, Baskets = 120;

    public static string Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var start = Timestamp.From(new DateTimeOffset(2011, 3, 1, 9, 0, 0, TimeSpan.Zero));
        var random = new Random(3);
        var lines = Enumerable.Range(0, Items).Select(n => string.Create(CultureInfo.InvariantCulture, $"S{n},\"RED MUG, SIZE {n}\",{1 + n % 7}.5,{start.ToDateTimeOffset():yyyy-MM-dd HH:mm:ss}"));
        File.WriteAllText(Path.Combine(folder, "items.csv"), "item_id,title,median_price_gbp,first_sold\n" + string.Join('\n', lines) + "\n");
        using var file = new ParquetWriter(Path.Combine(folder, "purchases.parquet"),
        [
            new("customer_id", ParquetType.Text), new("item_id", ParquetType.Text), new("sold_at", ParquetType.Timestamp),
            new("quantity", ParquetType.Int), new("unit_price_gbp", ParquetType.Double), new("country", ParquetType.Text),
        ]);
        for (var basket = 0; basket < Baskets; basket++)
            for (var line = 0; line < 4; line++)
            {
                file.Text($"c{basket % 17}");
                file.Text($"S{random.Next(Items)}");
                file.Time(start.Plus(TimeSpan.FromMinutes(basket * 37)));
                file.Int(1 + line);
                file.Double(2.55);
                file.Text("United Kingdom");
                file.EndRow();
            }
        file.Finish();
        return folder;
    }
}
