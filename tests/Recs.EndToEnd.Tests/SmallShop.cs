using System.Globalization;
using Recs.Domain;
using Recs.Storage.Parquet;

namespace Recs.EndToEnd.Tests;

/// <summary>A year of a small made-up shop, in the files of the Online Retail data set: customers who like one kind of thing each.</summary>
internal static class SmallShop
{
    private static readonly string[] Kinds = ["TEA CUP", "GARDEN LANTERN", "PAPER BUNTING", "WOOLLEN SCARF"];
    private static readonly string[] Colours = ["RED", "BLUE", "GREEN", "WHITE", "PINK", "BLACK", "GOLD", "SILVER", "IVORY", "PURPLE"];

    /// <summary>Writes items.csv and purchases.parquet.</summary>
    public static void Write(string folder, int seed)
    {
        Directory.CreateDirectory(folder);
        var random = new Random(seed);
        var start = new DateTimeOffset(2010, 12, 1, 8, 0, 0, TimeSpan.Zero);
        List<(string Customer, string Item, DateTimeOffset Time, int Quantity, float Price)> lines = [];
        for (var day = 0; day < 365; day++)
            for (var basket = 0; basket < 4; basket++)
            {
                var customer = random.Next(60);
                var time = start.AddDays(day).AddMinutes(random.Next(500));
                foreach (var item in Enumerable.Range(0, 6).Select(_ => random.Next(4) > 0 ? customer % 4 + 4 * random.Next(20) : random.Next(80)).Distinct())
                    lines.Add(($"{12_000 + customer}", $"{20_000 + item}", time, random.Next(1, 9), 1 + item % 7));
            }
        File.WriteAllLines(Path.Combine(folder, "items.csv"),
        [
            "item_id,title,median_price_gbp,first_sold",
            .. lines.GroupBy(line => line.Item).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
            {
                var number = int.Parse(group.Key, CultureInfo.InvariantCulture) - 20_000;
                return string.Create(CultureInfo.InvariantCulture,
                    $"{group.Key},\"{Colours[number / 4 % 10]} {Kinds[number % 4]}, SET {1 + number / 40}\",{1 + number % 7},{group.Min(line => line.Time):yyyy-MM-dd'T'HH:mm:ss'Z'}");
            }),
        ]);
        using var writer = new ParquetWriter(Path.Combine(folder, "purchases.parquet"),
        [
            new("customer_id", ParquetType.Text), new("item_id", ParquetType.Text), new("sold_at", ParquetType.Timestamp),
            new("quantity", ParquetType.Int), new("unit_price_gbp", ParquetType.Float), new("country", ParquetType.Text),
        ]);
        foreach (var (customer, item, time, quantity, price) in lines.OrderBy(line => line.Time))
        {
            writer.Text(customer);
            writer.Text(item);
            writer.Time(Timestamp.From(time));
            writer.Int(quantity);
            writer.Float(price);
            writer.Text("United Kingdom");
            writer.EndRow();
        }
        writer.Finish();
    }
}
