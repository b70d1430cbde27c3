using Recs.Domain;
using Recs.Domain.Wire;
using Recs.Embedder;
using Recs.Pipelines.Datasets.OnlineRetail;
using Recs.Pipelines.Quality;
using Recs.Pipelines.Quality.OnlineRetail;
using Recs.Pipelines.Tests.CommandLine;
using Recs.Pipelines.Tests.Datasets.OnlineRetail;

namespace Recs.Pipelines.Tests.Quality;

public sealed class OnlineRetailProtocolTests : IDisposable
{
    private static readonly Timestamp November = Timestamp.From(new DateTimeOffset(2011, 11, 1, 0, 0, 0, TimeSpan.Zero));

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_TestFileOfTheSamePurchases_TellsTheSameEvents()
    {
        var purchases = Purchases();
        Write("all", purchases);
        var whole = Read("all", null);
        // The folder's own later purchases give way to the test file's.
        Write("later", [.. purchases.Where(purchase => purchase.Time >= November)]);
        var (facts, protocol) = Read("all", Path.Combine(_folder.In("later"), "purchases.parquet"));
        Assert.Equal(whole.Facts.Select(Text), facts.Select(Text));
        Assert.Equal(purchases.Where(purchase => purchase.Time >= November).Min(purchase => purchase.Time), protocol.Test);
        Assert.Equal(whole.Protocol.Valid, protocol.Valid);
    }

    [Fact]
    public void Read_TestFileTooEarlyOrOfUnknownItems_IsRefused()
    {
        var purchases = Purchases();
        Write("all", purchases);
        Assert.Contains("after the validation period", Assert.Throws<RefusedException>(() => Read("all", Path.Combine(_folder.In("all"), "purchases.parquet"))).Message, StringComparison.Ordinal);
        Write("odd", [purchases.Last(purchase => purchase.Time >= November) with { Item = "none such" }]);
        Assert.Contains("item_id 'none such'", Assert.Throws<RefusedException>(() => Read("all", Path.Combine(_folder.In("odd"), "purchases.parquet"))).Message, StringComparison.Ordinal);
    }

    private (IReadOnlyList<Recs.Domain.Events.Fact> Facts, Recs.Pipelines.Datasets.Protocol Protocol) Read(string folder, string? test) =>
        OnlineRetailProtocol.Read(new OnlineRetailDataset(), new QualityRequest(_folder.In(folder), test, 7, Backend.Cpu));

    private static string Text(Recs.Domain.Events.Fact fact) => $"{fact.Known} {System.Text.Encoding.UTF8.GetString(EventCodec.Write(fact.Event))}";

    private void Write(string folder, IReadOnlyList<Purchase> purchases)
    {
        Directory.CreateDirectory(_folder.In(folder));
        SmallRetail.Write(_folder.In(folder), purchases);
    }

    // Half a year that ends in December 2011, as the protocol's dates are fixed; whole pennies, as the file keeps them.
    private static List<Purchase> Purchases() => [.. SmallRetail.Purchases(new Random(3)).Select(purchase => purchase with { Time = purchase.Time.Plus(TimeSpan.FromDays(200)) }).OrderBy(purchase => purchase.Time)];
}
