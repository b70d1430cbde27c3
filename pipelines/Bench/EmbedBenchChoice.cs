using Recs.Embedder;

namespace Recs.Pipelines.Bench;

/// <summary>What a person chose of <c>recs bench embed</c>.</summary>
/// <param name="Model">Folder; null: the bundled model.</param>
/// <param name="Recipe">Name; null: none alone.</param>
/// <param name="Embedder">Threads (never 0), residency and memory.</param>
/// <param name="Runs">Timed runs.</param>
/// <param name="Tokens">Of a recipe's texts.</param>
/// <param name="Streaming">Compare streaming with all layers in memory.</param>
/// <param name="Work">Where recipes' checkpoints are kept; null: nowhere.</param>
/// <param name="Json">Where the result goes.</param>
internal sealed record EmbedBenchChoice(string? Model, string? Recipe, EmbedderOptions Embedder, int Runs, int Tokens, bool Streaming, string? Work, FileInfo? Json)
{
    /// <summary>The recipe that is measured without being asked for.</summary>
    public const string DefaultRecipe = "medium";
}
