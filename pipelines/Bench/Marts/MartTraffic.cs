using System.Globalization;
using System.Text;
using Recs.Domain;
using Recs.Domain.Decisions;
using Recs.Domain.Embeddings;
using Recs.Domain.Events;
using Recs.Pipelines.Bench.Ingest;
using Recs.Storage;
using Recs.Storage.Marts;

namespace Recs.Pipelines.Bench.Marts;

/// <summary>
/// A store to ask reports of: made-up traffic of a feed with ads, spread evenly over so many UTC days, a decision for every tenth page with an arm of an experiment, and vectors
/// with signatures. Two runs with one seed fill alike.
/// </summary>
/// <param name="facts">Facts, beside the announcements of items and users.</param>
/// <param name="days">UTC days that they are spread over.</param>
internal sealed class MartTraffic(long facts, int days)
{
    /// <summary>Items, ads and users are announced beforehand.</summary>
    public const int Announced = Users + Items + Ads;

    private const int Users = 200_000, Items = 20_000, Ads = 500, Batch = 50_000, Dimensions = 64, Topics = 128;

    private readonly FeedTraffic _traffic = new(7, Users, Items, Ads, (int)(days * 86_400_000L / facts));

    /// <summary>The first UTC day.</summary>
    public static DateOnly First => DateOnly.FromDateTime(FeedTraffic.Begin.ToDateTimeOffset().UtcDateTime);

    /// <summary>Shown items, clicks and what conversions are worth, millionths: the marts must say the same.</summary>
    public PlainScan Totals { get; private set; } = new(0, 0, 0);

    /// <summary>Appends all of it; time runs on evenly, so a day's facts are appended together.</summary>
    /// <param name="store">Migrated.</param>
    /// <param name="said">Takes the facts appended so far.</param>
    /// <param name="cancel">Between two batches.</param>
    public void Fill(IRecsStore store, Action<long> said, CancellationToken cancel)
    {
        foreach (var batch in _traffic.Announcements().Chunk(Batch)) store.Append(new AppendBatch(batch, [], []));
        for (var first = 0L; first < facts; first += Batch)
        {
            cancel.ThrowIfCancellationRequested();
            Append(store, first, Math.Min(Batch, facts - first));
            said(Math.Min(facts, first + Batch));
        }
        store.SaveEmbeddings(Enumerable.Range(0, Items).Select(Embedding));
    }

    /// <summary>Counts what an earlier run filled the store with.</summary>
    /// <param name="there">Facts of the store, beside the announcements.</param>
    /// <returns>Whether that run took in the next day and the late click too.</returns>
    /// <exception cref="RefusedException">It is another number of facts.</exception>
    public bool Count(long there)
    {
        var isGrown = there == facts + NextDay + 1;
        if (!isGrown && there != facts) throw new RefusedException($"the store holds {there} facts, neither {facts} nor {facts + NextDay + 1}: give the benchmark a database of its own, or --facts as it was filled with");
        foreach (var fact in _traffic.Events(0, isGrown ? facts + NextDay : facts)) Count(fact.Event);
        if (isGrown) Totals = Totals with { Clicks = Totals.Clicks + 1 };
        return isGrown;
    }

    /// <summary>The day after the last one: as many facts as each of the others.</summary>
    public void AppendNextDay(IRecsStore store)
    {
        for (var at = 0L; at < NextDay; at += Batch) Append(store, facts + at, Math.Min(Batch, NextDay - at));
    }

    /// <summary>A click that comes late, on the first page of a day.</summary>
    public void AppendLateClick(IRecsStore store, int day)
    {
        var page = _traffic.Events(facts / days * day / 5 * 5 + 5, 1).Select(fact => fact.Event).OfType<Impression>().Single();
        var click = new Interaction(new(string.Create(CultureInfo.InvariantCulture, $"late-{day}-{Totals.Clicks}")), page.Time.Plus(TimeSpan.FromHours(1)), page.Request, page.User, page.Items[0].Item, InteractionType.Click, 0, 0);
        Count(click);
        store.Append(new AppendBatch([new Fact(click, FeedTraffic.Begin.Plus(TimeSpan.FromDays(days + 1)))], [], []));
    }

    private long NextDay => facts / days;

    private void Append(IRecsStore store, long first, long count)
    {
        List<Fact> batch = [.. _traffic.Events(first, count)];
        foreach (var fact in batch) Count(fact.Event);
        store.Append(new AppendBatch(batch, [], []));
        store.Keep([.. batch.Select(fact => fact.Event).OfType<Impression>().Where((_, at) => at % 10 == 0).Select(Decided)]);
    }

    private void Count(Event made) => Totals = made switch
    {
        Impression page => Totals with { Shown = Totals.Shown + page.Items.Count },
        Interaction { Action: InteractionType.Click } => Totals with { Clicks = Totals.Clicks + 1 },
        Interaction { Action: InteractionType.Conversion } bought => Totals with { ConversionMicros = Totals.ConversionMicros + bought.ValueMicros },
        _ => Totals,
    };

    private static Decision Decided(Impression page) => new()
    {
        Id = "d" + page.Request.Value,
        Request = page.Request,
        Time = page.Time,
        User = page.User,
        Surface = page.Surface,
        Versions = new("model-1", "bench", "policy-1", "code-1"),
        Degraded = "none",
        Experiments = $"ranking={(page.User.Value.Sum(letter => letter) % 2 == 0 ? "control" : "bold")}",
        Candidates = 500,
        Places = [.. page.Items.Select(shown => new DecidedPlace(shown.Position, shown.Item, shown.PriceMicros > 0, 1.0 / shown.Position, shown.Propensity ?? 1, shown.PriceMicros > 0 ? new("advertiser-0") : null, shown.PriceMicros * 2, shown.PriceMicros))],
        Removed = new Dictionary<string, int> { ["seen"] = 12, ["stale"] = 3 },
        Answer = Answer(page),
        Inputs = [],
    };

    // The parts of an answer that marts read.
    private static byte[] Answer(Impression page)
    {
        var places = page.Items.Select(shown => string.Create(CultureInfo.InvariantCulture,
            $$$"""{"position":{{{shown.Position}}},"item":"{{{shown.Item}}}","kind":"{{{(shown.PriceMicros > 0 ? "ad" : "content")}}}","score":{{{1.0 / shown.Position}}},"heads":{"click":{{{0.5 / shown.Position}}},"like":0.0625,"conversion":0.03125}}"""));
        return Encoding.UTF8.GetBytes($$"""{"request_id":"{{page.Request}}","decision_id":"d{{page.Request}}","slate":[{{string.Join(',', places)}}],"degraded":"none"}""");
    }

    // Items of a topic lie around its direction.
    private static ItemEmbedding Embedding(int item)
    {
        var vector = new float[Dimensions];
        var (topic, own) = (new Random(item % Topics), new Random(Topics + item));
        for (var at = 0; at < Dimensions; at++) vector[at] = topic.NextSingle() - 0.5f + 0.5f * (own.NextSingle() - 0.5f);
        var norm = MathF.Sqrt(vector.Sum(number => number * number));
        for (var at = 0; at < Dimensions; at++) vector[at] /= norm;
        return new(new(string.Create(CultureInfo.InvariantCulture, $"item-{item}")), "bench", "", vector, string.Create(CultureInfo.InvariantCulture, $"{item % 16}-{item / 16 % 16}-{item / 256 % 16}"));
    }
}
