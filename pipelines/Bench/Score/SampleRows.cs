using System.Globalization;
using ParquetSharp;
using Recs.Pipelines.CommandLine;
using Recs.Ranker.LightGbm;

namespace Recs.Pipelines.Bench.Score;

/// <summary>Made-up feature rows as a Parquet file as data frames write it: user, item, floats; plain encoding, Snappy, row groups of 122,880.</summary>
internal static class SampleRows
{
    private const int GroupRows = 122_880, Distinct = 4_096;

    public static IReadOnlyList<string> Columns(int features) => [.. Enumerable.Range(0, features).Select(i => string.Create(CultureInfo.InvariantCulture, $"f{i}"))];

    public static void Write(string path, long rows, int features, CancellationToken cancel)
    {
        using var file = new PartialFile(new FileInfo(path));
        using var properties = new WriterPropertiesBuilder().Compression(Compression.Snappy).DisableDictionary().Build();
        using (var writer = new ParquetFileWriter(file.Stream, [new Column<string>("user"), new Column<string>("item"), .. Columns(features).Select(name => new Column<float>(name))], null, properties, null, true))
        {
            var group = 0;
            for (var first = 0L; first < rows; first += GroupRows, group++)
            {
                cancel.ThrowIfCancellationRequested();
                var count = (int)Math.Min(GroupRows, rows - first);
                using var rowGroup = writer.AppendRowGroup();
                Text(rowGroup, count, row => string.Create(CultureInfo.InvariantCulture, $"user-{(first + row) / 500}"));
                Text(rowGroup, count, row => string.Create(CultureInfo.InvariantCulture, $"item-{(first + row) * 7919 % 100_003}"));
                // A row is as fast to score as any other: a few thousand made-up ones, each column turned by another number, are enough.
                var sample = ForestSample.Rows(Distinct, features, seed: 1_000 + group % 8);
                var values = new float[count];
                for (var column = 0; column < features; column++)
                {
                    for (var row = 0; row < count; row++) values[row] = sample[(row + column * 31 + row / Distinct) % Distinct * features + column];
                    using var into = rowGroup.NextColumn().LogicalWriter<float>();
                    into.WriteBatch(values);
                }
            }
            writer.Close();
        }
        file.Keep();
    }

    private static void Text(RowGroupWriter group, int count, Func<int, string> text)
    {
        using var into = group.NextColumn().LogicalWriter<string>();
        into.WriteBatch([.. Enumerable.Range(0, count).Select(text)]);
    }
}
