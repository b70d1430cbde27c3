namespace Recs.Pipelines.Embed.Files;

/// <summary>One text to embed.</summary>
/// <param name="Id">Whose text; not empty.</param>
/// <param name="Text">May be empty.</param>
internal sealed record TextEntry(string Id, string Text);
