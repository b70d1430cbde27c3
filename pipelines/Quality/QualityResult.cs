using System.Text.Json.Serialization;

namespace Recs.Pipelines.Quality;

/// <summary>What <c>recs quality --json</c> writes.</summary>
/// <param name="Dataset">The data set's name on the command line.</param>
/// <param name="Protocol">What was learnt from, what was judged, and what is made up or re-drawn, in words.</param>
/// <param name="Metrics">Of the judged rows: the test file's where one was given.</param>
/// <param name="Valid">Of the validation rows; empty where the protocol has none.</param>
/// <param name="Ablations">Baselines and the same model with something left out, on the rows of <paramref name="Metrics"/>.</param>
/// <param name="Rows">How many rows each part has.</param>
internal sealed record QualityResult(
    string Dataset, string Protocol, QualityFigures Metrics, QualityFigures Valid, IReadOnlyDictionary<string, QualityFigures> Ablations, QualityRows Rows)
{
    /// <summary>All state goes on being updated in time order; the model stays fixed.</summary>
    public QualityFigures? Prequential { get; init; }

    /// <summary>Rows whose pair of user and item was not among the training rows.</summary>
    public QualityFigures? UnseenPairs { get; init; }

    /// <summary>A model without user and pair features.</summary>
    public QualityFigures? NoUser { get; init; }

    /// <summary>Rows of new items.</summary>
    public QualityFigures? Cold { get; init; }

    /// <summary>By <c>metric</c>, or <c>metric minus ablation</c>: a 95 % interval from a seeded bootstrap over users.</summary>
    public IReadOnlyDictionary<string, QualityInterval>? Intervals { get; init; }

    /// <summary>Seconds by stage.</summary>
    public IReadOnlyDictionary<string, double>? Seconds { get; init; }
}

/// <summary>Rows of each part.</summary>
internal sealed record QualityRows(long Train, long Valid, long Test);

/// <summary>An interval around a figure.</summary>
internal sealed record QualityInterval(double Low, double High);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(QualityResult))]
internal sealed partial class QualityJson : JsonSerializerContext;
