using System.Globalization;
using Recs.Domain;
using Recs.Pipelines.Datasets.OnlineRetail;
using Recs.Storage.Parquet;

namespace Recs.Pipelines.Tests.Datasets.OnlineRetail;

/// <summary>A made-up shop of half a year, in the shape of the data set; and its two files.</summary>
internal static class SmallRetail
{
    public static readonly Timestamp Start = Timestamp.From(new DateTimeOffset(2010, 12, 1, 8, 0, 0, TimeSpan.Zero));

    /// <summary>Whole minutes, many shared by several customers; lines of an item may repeat within a basket.</summary>
    public static List<Purchase> Purchases(Random random, int baskets = 250, int items = 120)
    {
        List<Purchase> purchases = [];
        for (var basket = 0; basket < baskets; basket++)
        {
            var day = random.Next(180);
            var time = Start.Plus(TimeSpan.FromDays(day) + TimeSpan.FromMinutes(random.Next(3)));
            var customer = $"{random.Next(40)}";
            for (var line = random.Next(1, 12); line > 0; line--)
                // The range moves on, so that items fall out of the sixty days.
                purchases.Add(new(customer, $"p{random.Next(items) + day / 3}", time, random.Next(1, 9), random.Next(1, 500) * 10_000L, $"Country {customer.Length}"));
        }
        return purchases;
    }

    public static List<Product> Products(IEnumerable<Purchase> purchases) => [.. purchases.GroupBy(purchase => purchase.Item)
        .Select(lines => new Product(lines.Key, $"THING {lines.Key}", lines.Average(line => line.UnitPriceMicros / 1e6), lines.Min(line => line.Time)))];

    /// <summary>Writes the files of the data set.</summary>
    public static void Write(string folder, IReadOnlyList<Purchase> purchases)
    {
        File.WriteAllLines(Path.Combine(folder, "items.csv"), Products(purchases)
            .Select(product => string.Create(CultureInfo.InvariantCulture, $"{product.Item},\"{product.Title}, \"\"NEW\"\"\",{product.MedianPrice},{product.FirstSold}"))
            .Prepend("item_id,title,median_price_gbp,first_sold"));
        using var writer = new ParquetWriter(Path.Combine(folder, "purchases.parquet"),
        [
            new("customer_id", ParquetType.Text), new("item_id", ParquetType.Text), new("sold_at", ParquetType.Timestamp),
            new("quantity", ParquetType.Int), new("unit_price_gbp", ParquetType.Float), new("country", ParquetType.Text),
        ]);
        foreach (var purchase in purchases)
        {
            writer.Text(purchase.Customer);
            writer.Text(purchase.Item);
            writer.Time(purchase.Time);
            writer.Int(purchase.Quantity);
            writer.Float(purchase.UnitPriceMicros / 1e6f);
            writer.Text(purchase.Country);
            writer.EndRow();
        }
        writer.Finish();
    }
}
