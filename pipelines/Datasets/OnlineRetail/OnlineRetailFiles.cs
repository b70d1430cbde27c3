using System.Globalization;
using System.Text;
using Recs.Domain;

namespace Recs.Pipelines.Datasets.OnlineRetail;

/// <summary>The two files of the data set.</summary>
internal static class OnlineRetailFiles
{
    /// <summary>items.csv: item_id, title, median_price_gbp, first_sold.</summary>
    public static IReadOnlyList<Product> Products(string folder) => Delimited.Read(
        Path.Combine(folder, "items.csv"), ',', header: true, columns: 4, Encoding.UTF8,
        row => new Product(row[0], row[1], double.Parse(row[2], CultureInfo.InvariantCulture),
            Timestamp.From(DateTimeOffset.Parse(row[3], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal))));
}
