using Recs.Api;
using Recs.Api.Decisions;
using Recs.Api.Live;
using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features;
using Recs.Ingest;
using Recs.Ranker.Model;
using Recs.Ranker.Slates;
using Recs.Ranker.Training;
using Recs.Storage;

namespace Recs.Pipelines.Simulate;

/// <summary>What is simulated.</summary>
/// <param name="Visits">Of the day.</param>
/// <param name="Seconds">Real time that the day takes.</param>
/// <param name="Users">People.</param>
/// <param name="Items">Content.</param>
/// <param name="Campaigns">Ads.</param>
/// <param name="Seed">Decides the world and who comes; timing decides the rest.</param>
internal sealed record SimulationOptions(int Visits, double Seconds, int Users, int Items, int Campaigns, int Seed)
{
    /// <summary>Places for ads in the day, by campaign: two to a slate.</summary>
    public double ImpressionsEach => Visits * 2.0 / Campaigns;
}

/// <summary>
/// A day of a made-up site, closed loop: visitors ask the API for slates over HTTP, look and click by taste, post what they did; Kafka carries it to the store and
/// to the state that ranks; advertisers change their bids. The first model has learnt from a day of random slates.
/// </summary>
internal sealed class Simulation(SimulationOptions options, string folder, TimeProvider clock)
{
    /// <summary>Any day would do.</summary>
    private const int PastDayIndex = 20_500;

    private const int PastVisits = 3_000, Places = 10, AtOnce = 8;

    private readonly World _world = new(options.Seed, options.Users, options.Items, options.Campaigns);

    /// <summary>The rules under which the site runs.</summary>
    public static SlatePolicy Policy { get; } = new()
    {
        Weights = new Dictionary<InteractionType, double> { [InteractionType.Click] = 1, [InteractionType.Like] = 1, [InteractionType.Hide] = -3 },
        FirstAdPosition = 2,
        AdSpacing = 4,
        ExplorePosition = 5,
        ExploreShare = 0.2,
        ExploreImpressions = 60,
        // A day in minutes: an hour at night is a hundredth of the budget, and a thousandth is some three of its impressions.
        PacingBand = 0.001,
        PacingCurve = [.. Enumerable.Range(0, 24).Select(hour => World.Traffic(hour + 0.5))],
    };

    /// <summary>Learns the first model from the day before and puts that day into the store.</summary>
    public RankerModel Begin(IRecsStore store, CancellationToken cancel)
    {
        List<Fact> facts = [.. PastDay.Facts(_world, PastVisits, PastDayIndex, options.Seed).OrderBy(fact => fact.Known)];
        foreach (var batch in facts.Chunk(20_000)) store.Append(new AppendBatch(batch, [], []));
        List<TrainedHead> heads = [];
        foreach (var action in new[] { InteractionType.Click, InteractionType.Like, InteractionType.Hide })
        {
            cancel.ThrowIfCancellationRequested();
            var set = new TrainingReplay(facts, action, new([])) { Schema = FeatureSchema.Standard }.Run(cancel: cancel);
            heads.Add(HeadTrainer.Train(set, ..(set.Rows * 4 / 5), (set.Rows * 4 / 5).., action, null, new TrainingOptions { Leaves = 15, Trees = 60, Seed = options.Seed }));
        }
        return RankerModel.Save(Path.Combine(folder, "model"), heads, "none");
    }

    /// <summary>The day.</summary>
    public async Task<SimulationOutcome> Run(IRecsStore store, Func<IRecsStore> open, RankerModel model, Action<double> progress, CancellationToken cancel)
    {
        var start = Timestamp.OfDay(PastDayIndex + 1);
        var fast = new FastClock(clock, start.ToDateTimeOffset(), 86_400 / options.Seconds);
        using var broker = new EmbeddedBroker();
        await using var live = LiveState.Load(store, model, new LiveStateOptions { Policy = Policy }, fast);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var consumer = new EventConsumer(broker.Connection, store, clock: fast);
        var (ingesting, keeper) = (consumer.RunAsync(stop.Token), new DecisionKeeper(broker.Connection, open));
        var keeping = keeper.RunAsync(stop.Token);
        using var producer = new EventProducer(broker.Connection, new ProducerOptions { Linger = TimeSpan.FromMilliseconds(1) }, fast);
        live.Follow(broker.Connection);
        await live.CaughtUp.WaitAsync(cancel);
        List<Visit> visits;
        DecisionCounts decisions;
        await using (var ledger = new DecisionLedger(producer))
        await using (var server = await ApiServer.StartAsync(new ApiOptions { Url = "http://127.0.0.1:0", Budget = TimeSpan.FromSeconds(2) }, live, producer, fast, ledger: ledger, cancel: cancel))
        {
            using var http = new HttpClient { BaseAddress = new Uri(server.Urls.First()) };
            visits = await Day(new Visitors(_world, http, Places, options.Seed, fast), fast, start, progress, cancel);
            await ledger.DisposeAsync();
            decisions = ledger.Counts;
        }
        var published = visits.Sum(visit => visit.Places.Count > 0 ? 1L : 0);
        using var counted = open(); // the consumer has the other one to itself
        while ((counted.Count().Impressions < published + PastVisits || keeper.Kept < decisions.Published) && !ingesting.IsCompleted && !keeping.IsCompleted) await Task.Delay(50, cancel);
        await stop.CancelAsync();
        await Task.WhenAll(ingesting, keeping);
        return new(_world, visits, decisions, keeper.Kept, start);
    }

    private async Task<List<Visit>> Day(Visitors visitors, FastClock fast, Timestamp start, Action<double> progress, CancellationToken cancel)
    {
        var advertisers = new Advertisers(_world, visitors, options.ImpressionsEach, Policy);
        await advertisers.Begin(Timestamp.Now(fast), cancel);
        var (done, gate) = (new Visit?[options.Visits], new SemaphoreSlim(AtOnce));
        var moments = Moments(options.Visits);
        var under = new List<Task>(options.Visits);
        var hour = 0;
        for (var number = 0; number < options.Visits; number++)
        {
            var due = start.Plus(TimeSpan.FromSeconds(moments[number]));
            if (due - Timestamp.Now(fast) is var ahead && ahead > TimeSpan.Zero) await Task.Delay(ahead / fast.Speed, cancel);
            for (; hour < (int)(moments[number] / 3_600); hour++) await advertisers.Hour(hour + 1, done, Timestamp.Now(fast), cancel);
            await gate.WaitAsync(cancel);
            under.Add(Visit(number));
            progress((double)number / options.Visits);
        }
        await Task.WhenAll(under);
        return [.. done.OfType<Visit>()];

        async Task Visit(int number)
        {
            try
            {
                done[number] = await visitors.Visit(number, cancel);
            }
            finally
            {
                gate.Release();
            }
        }
    }

    /// <summary>Seconds of the day at which visits come, by the curve of the traffic.</summary>
    private static double[] Moments(int visits)
    {
        const int steps = 1_440;
        var cumulated = new double[steps + 1];
        for (var step = 0; step < steps; step++) cumulated[step + 1] = cumulated[step] + World.Traffic((step + 0.5) / 60);
        var moments = new double[visits];
        for (var (visit, step) = (0, 0); visit < visits; visit++)
        {
            var share = (visit + 0.5) / visits * cumulated[steps];
            while (cumulated[step + 1] < share) step++;
            moments[visit] = (step + (share - cumulated[step]) / (cumulated[step + 1] - cumulated[step])) * 60;
        }
        return moments;
    }
}

/// <summary>What the day came to.</summary>
/// <param name="World">Whose day.</param>
/// <param name="Visits">All that were answered, in order.</param>
/// <param name="Decisions">What the ledger says.</param>
/// <param name="Kept">Decisions in the store.</param>
/// <param name="Start">The day's beginning.</param>
internal sealed record SimulationOutcome(World World, IReadOnlyList<Visit> Visits, DecisionCounts Decisions, long Kept, Timestamp Start);
