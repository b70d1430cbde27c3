using System.Globalization;
using System.Text;
using Recs.Domain;
using Recs.Storage.Parquet;

namespace Recs.Pipelines.Datasets.OnlineRetail;

/// <summary>The two files of the data set.</summary>
internal static class OnlineRetailFiles
{
    /// <summary>items.csv: item_id, title, median_price_gbp, first_sold.</summary>
    public static IReadOnlyList<Product> Products(string folder) => Delimited.Read(
        Path.Combine(folder, "items.csv"), ',', header: true, columns: 4, Encoding.UTF8,
        row => new Product(row[0], row[1], double.Parse(row[2], CultureInfo.InvariantCulture),
            Timestamp.From(DateTimeOffset.Parse(row[3], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal))));

    /// <summary>purchases.parquet: customer_id, item_id, sold_at, quantity, unit_price_gbp, country.</summary>
    public static IReadOnlyList<Purchase> Purchases(string folder) => PurchasesIn(Path.Combine(folder, "purchases.parquet"));

    /// <summary>A file in the layout of purchases.parquet.</summary>
    public static IReadOnlyList<Purchase> PurchasesIn(string path)
    {
        using var file = ParquetFile.Open(path);
        List<Purchase> purchases = [];
        var names = new Dictionary<string, string>(StringComparer.Ordinal); // a few thousand ids stand for 400,000 rows
        string Shared(string? text) => names.TryGetValue(text ?? "", out var known) ? known : names[text ?? ""] = text ?? "";
        foreach (var batch in file.Read(
        [
            new("customer_id", ParquetType.Text), new("item_id", ParquetType.Text), new("sold_at", ParquetType.Timestamp),
            new("quantity", ParquetType.Int), new("unit_price_gbp", ParquetType.Double), new("country", ParquetType.Text),
        ]))
        {
            for (var row = 0; row < batch.Count; row++)
            {
                // The file holds prices as 32-bit floats: rounding to a hundredth of a penny gives back what the shop wrote.
                var price = (long)Math.Round(batch.Doubles(4)[row] * 10_000) * 100;
                purchases.Add(new(Shared(batch.Texts(0)[row]), Shared(batch.Texts(1)[row]), batch.Times(2)[row], batch.Ints(3)[row], price, Shared(batch.Texts(5)[row])));
            }
        }
        return purchases.Count > 0 ? purchases : throw new RefusedException($"{file.Path} holds no rows");
    }
}
