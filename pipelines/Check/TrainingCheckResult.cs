using System.Text.Json.Serialization;

namespace Recs.Pipelines.Check;

/// <summary>What the checks of training rows found.</summary>
/// <param name="Rows">Rows looked at.</param>
/// <param name="Errors">What must not be: learning from it would be wrong.</param>
/// <param name="Warnings">What looks odd.</param>
/// <param name="Columns">Each column.</param>
/// <param name="Days">How often each action followed, by UTC day.</param>
internal sealed record TrainingCheckResult(int Rows, IReadOnlyList<string> Errors, IReadOnlyList<string> Warnings, IReadOnlyList<ColumnCheck> Columns, IReadOnlyList<DayRate> Days)
{
    public bool Sound => Errors.Count == 0;
}

/// <summary>One column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Constant">Whether all training rows have one value.</param>
/// <param name="CommonShare">Share of the training rows with the most frequent value: where a feature's own value for "missing" is meant, its missing rate.</param>
/// <param name="Psi">Population stability index of validation against training.</param>
/// <param name="AucAlone">By head, how well the column alone orders the training rows, 0.5 to 1.</param>
internal sealed record ColumnCheck(string Name, bool Constant, double CommonShare, double Psi, IReadOnlyDictionary<string, double> AucAlone);

/// <summary>One day.</summary>
/// <param name="Day">yyyy-MM-dd.</param>
/// <param name="Rows">Rows shown on it.</param>
/// <param name="Rates">By action: share of the rows it followed on; of dwell the mean seconds.</param>
internal sealed record DayRate(string Day, int Rows, IReadOnlyDictionary<string, double> Rates);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(TrainingCheckResult))]
internal sealed partial class TrainingCheckJson : JsonSerializerContext;
