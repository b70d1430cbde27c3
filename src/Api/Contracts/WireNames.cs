using System.Text.Json;

namespace Recs.Api.Contracts;

/// <summary>Names of the code as clients, metrics and the ledger see them: snake case.</summary>
internal static class WireNames
{
    /// <summary>"over_budget" for <c>OverBudget</c>.</summary>
    public static string Of<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
