using Recs.Domain;
using Recs.Domain.Events;
using Recs.Features;
using Recs.Features.Embedding;
using Recs.Ranker.Training;

namespace Recs.Pipelines.Quality.MovieLens;

/// <summary>
/// One way for the state to go on after training, with its rows and the heads learnt from them, where nothing else is asked for each a blend of boosted forests and a
/// logistic regression, stopped and calibrated on the validation rows.
/// </summary>
internal sealed class RatingRegime
{
    private static readonly TrainingOptions Settings = new()
    {
        Learner = Learner.Blend,
        BlendSeeds = 3,
        Leaves = 6,
        LearningRate = 0.05,
        L2 = 50,
        Trees = 800,
        Patience = 50,
        RowsPerLeaf = 20,
        StopByLogLoss = true,
        LogisticL2 = 30,
    };

    private static readonly string[] Rates = ["rate_item_alone", "rate_user"];

    private static readonly string[] OfGroups = ["rate_item", "rate_sum", "rate_groups"];

    private readonly TrainingSet _set;
    private readonly LabelledRows _rows;
    private readonly TrainingOptions _options;
    private readonly IReadOnlyList<TrainingGroup> _valid, _judged;
    private readonly int _validStart, _validEnd;

    /// <param name="split">The ratings.</param>
    /// <param name="schema">What is read of them.</param>
    /// <param name="vectors">Of the items.</param>
    /// <param name="standstill">From when on the state stands still, or null where it goes on.</param>
    /// <param name="learner">What learns; null for the blend.</param>
    /// <param name="progress">Share replayed.</param>
    /// <param name="cancel">Stops the replay.</param>
    /// <exception cref="RefusedException">A period is empty.</exception>
    public RatingRegime(RatingSplit split, FeatureSchema schema, ItemVectors vectors, Timestamp? standstill, Learner? learner, IProgress<double> progress, CancellationToken cancel)
    {
        _set = new TrainingReplay(split.Facts, InteractionType.Like, vectors) { Schema = schema.Fit(vectors), Standstill = standstill }.Run(progress, cancel);
        _valid = [.. _set.Groups.Where(group => group.Time >= split.Valid && (split.Test is null || group.Time < split.Test))];
        _judged = split.Test is null ? _valid : [.. _set.Groups.Where(group => group.Time >= split.Test)];
        if (_valid.Count == 0 || _judged.Count == 0) throw new RefusedException("the validation or the test period holds no ratings");
        (_validStart, _validEnd) = (_valid[0].First, _valid[^1].First + _valid[^1].Count);
        _rows = new(_set.Width, _set.Features, _set.Labels) { Lists = ListsByUserAndDay(_set) };
        _options = Settings with { Learner = learner ?? Settings.Learner, Fields = ColumnFields.Of(_set.Schema.Columns) };
    }

    public QualityRows Rows(bool hasTest) => new(_validStart, _validEnd - _validStart, hasTest ? _set.Rows - _validEnd : 0);

    public int RowCount => _set.Rows;

    public int Width => _set.Width;

    /// <summary>Learns a head and predicts.</summary>
    /// <param name="columns">Its columns, or null for all.</param>
    public RatingJudgement Judge(int[]? columns)
    {
        var trained = HeadTrainer.Train(_rows, .._validStart, _validStart.._validEnd, InteractionType.Like, columns, _options);
        var scores = new float[_set.Rows];
        Parallel.For(_validStart, _set.Rows, row => scores[row] = trained.Head.Probability(_set.Row(row)));
        var names = columns is null ? _set.Schema.Columns : [.. columns.Select(column => _set.Schema.Columns[column])];
        return new(JudgedRows.Of(_set, _valid, scores, byUser: true), JudgedRows.Of(_set, _judged, scores, byUser: true),
            [.. names.Zip(trained.Importance).OrderByDescending(pair => pair.Second)]);
    }

    /// <summary>The columns that read no vectors.</summary>
    public int[] WithoutEmbeddings() => [.. _set.Schema.OtherColumns];

    /// <summary>Counters of the item and of the user alone: no groups of items, no vectors.</summary>
    public int[] Counters() => [.. CountersAndTexts().Except(_set.Schema.EmbeddingColumns)];

    /// <summary>The same with the columns that read vectors. Columns that draw on the genres are left out.</summary>
    public int[] CountersAndTexts() => [.. Enumerable.Range(0, _set.Width).Where(column => !OfGroups.Contains(_set.Schema.Columns[column]))];

    /// <summary>The item's and the user's rate, each drawn to the rate of everything.</summary>
    public int[] TwoCounters() => [.. Rates.Select(name => _set.Schema.Find(name) is >= 0 and var at ? at : throw new RefusedException($"the two counters need the column {name}: the features file must name learned_rates"))];

    // A rating is told as a film shown alone, and one row gives nothing to order: what a user rated on one day (UTC) is a list.
    private static int[] ListsByUserAndDay(TrainingSet set)
    {
        var lists = new int[set.Rows];
        Dictionary<(UserId User, int Day), int> numbers = [];
        foreach (var group in set.Groups)
        {
            var day = (group.User, group.Time.DayIndex);
            if (!numbers.TryGetValue(day, out var number)) numbers.Add(day, number = numbers.Count);
            lists.AsSpan(group.First, group.Count).Fill(number);
        }
        return lists;
    }
}

/// <summary>What one head predicted.</summary>
/// <param name="Valid">The validation rows.</param>
/// <param name="Judged">The judged rows: the validation rows where there is no test.</param>
/// <param name="Importance">Share of the gain by column, greatest first.</param>
internal sealed record RatingJudgement(JudgedRows Valid, JudgedRows Judged, IReadOnlyList<(string Feature, double Gain)> Importance);
