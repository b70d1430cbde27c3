using System.CommandLine;
using Recs.Domain;
using Recs.Pipelines.CommandLine;
using Recs.Pipelines.Datasets;
using Recs.Pipelines.Ingest;

namespace Recs.Pipelines.Import;

/// <summary><c>recs import</c>: a public data set as events on Kafka.</summary>
internal static class ImportVerb
{
    /// <summary>Of what a data set draws itself: fixed, so that <c>--seed</c> changes the disturbance and never the events.</summary>
    private const int DataSeed = 7;

    public static Command Create(TimeProvider clock)
    {
        var dataset = new Option<string>("--dataset") { Description = $"One of {string.Join(", ", Dataset.All.Select(known => known.Name))}.", HelpName = "NAME", Required = true };
        var data = new Option<string?>("--data") { Description = "The data set's folder; needed unless it is bundled.", HelpName = "DIR" };
        var kafka = new KafkaOptions();
        var duplicate = new Option<double>("--duplicate") { Description = "Send this share of the events twice, 0 to 1.", HelpName = "P" };
        Within(duplicate, value => value is >= 0 and <= 1, "0 to 1");
        var shuffle = new Option<int>("--shuffle") { Description = "Send the events of each window of so many seconds in random order; 0 keeps the order.", HelpName = "SECONDS" };
        Within(shuffle, value => value >= 0, "at least 0");
        var garbage = new Option<int>("--garbage") { Description = "Mix in N messages that are no events: random bytes, broken JSON, wrong types, unknown versions.", HelpName = "N" };
        Within(garbage, value => value is >= 0 and <= 1_000_000, "0 to 1000000");
        var seed = new Option<int>("--seed") { Description = "Seed of what is sent twice, reordered and mixed in; the events themselves are the same for every seed.", HelpName = "K", DefaultValueFactory = _ => 1 };
        var json = Verb.JsonOption();
        return Verb.Create("import", "Publishes a public data set as events; the switches resend, reorder and corrupt on purpose, for tests.",
            [dataset, data, .. kafka.All, duplicate, shuffle, garbage, seed, json], async (parsed, cancel) =>
            {
                var chosen = Dataset.Find(parsed.GetValue(dataset)!);
                var folder = parsed.GetValue(data) ?? (chosen.BundledFolder is { } bundled ? Path.Combine(Home.Root, bundled)
                    : throw new RefusedException($"{chosen.Name} may not be bundled; say where it lies with --data DIR"));
                if (!Directory.Exists(folder)) throw new RefusedException($"there is no folder {folder}; --data names the folder of {chosen.Name}");
                var disturbance = new Disturbance(parsed.GetValue(duplicate), parsed.GetValue(shuffle), parsed.GetValue(garbage), parsed.GetValue(seed));
                var board = new StageBoard(Terminal.Open(), clock);
                var result = await new ImportRun(chosen, disturbance, kafka.Connection(parsed), kafka.Topics(parsed), board).Run(folder, DataSeed, cancel);
                Verb.WriteJson(parsed.GetValue(json), result, ImportJson.Default.ImportResult);
                return 0;
            });
    }

    private static void Within<T>(Option<T> option, Func<T, bool> isAllowed, string range) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && !isAllowed(result.GetValueOrDefault<T>()!)) result.AddError($"{option.Name} is {result.Tokens[0].Value}, range {range}");
    });
}
