using System.Globalization;
using Recs.Domain;
using Recs.Embedder;
using Recs.Pipelines.Embed.Files;

namespace Recs.Pipelines.Embed;

/// <summary>
/// From a file of texts to a file of vectors, block by block: memory does not grow with the file, and a run that is cut short, however,
/// goes on where it was when it is started again, to the same bytes.
/// </summary>
/// <param name="input">Read twice: once to check and count every text before anything is computed, once to embed.</param>
/// <param name="output">Replaced when it is there, once all of it is made.</param>
/// <param name="blockTexts">Texts of a block at most.</param>
/// <param name="say">Told what is remarkable.</param>
internal sealed class FileEmbedding(FileInfo input, FileInfo output, int blockTexts, Action<string> say)
{
    /// <summary>The template where none is given: the text as it is.</summary>
    public const string DefaultTemplate = "{text}";

    /// <summary>What a template may name.</summary>
    public static readonly IReadOnlyCollection<string> Fields = ["id", "text"];

    /// <param name="load">Loads the embedder, once the input was checked.</param>
    /// <param name="progress">Shows how far it is.</param>
    /// <param name="cancel">Stops the run; finished blocks are kept.</param>
    public EmbedSummary Run(Func<Llama4Embedder> load, EmbedProgress progress, CancellationToken cancel)
    {
        var format = VectorFile.Of(output) ?? throw new InvalidOperationException($"{output} is of no format; the command line refuses it");
        var total = Count(cancel);
        using var embedder = load();
        using var unfinished = new UnfinishedVectors(output, format, new VectorSchema(embedder.Dimensions, embedder.Version, embedder.Template.Pattern), blockTexts, say);
        TimeSpan time;
        try
        {
            time = progress.Run(total, () => Make(unfinished, embedder, progress, cancel));
        }
        catch (Exception ended) when (progress.Done > 0 && ended is OperationCanceledException or RefusedException)
        {
            say($"finished blocks are kept in {UnfinishedVectors.FolderOf(output)}; the same command goes on from there");
            throw;
        }
        return new EmbedSummary(progress.Done, progress.Reused, embedder.Dimensions, embedder.Version, output.FullName, time.TotalSeconds,
            (progress.Done - progress.Reused) / Math.Max(time.TotalSeconds, 0.001));
    }

    private long Count(CancellationToken cancel)
    {
        var texts = 0L;
        foreach (var _ in TextFile.Read(input))
            if (++texts % 1_024 == 0) cancel.ThrowIfCancellationRequested();
        return texts;
    }

    private void Make(UnfinishedVectors unfinished, Llama4Embedder embedder, EmbedProgress progress, CancellationToken cancel)
    {
        foreach (var block in TextBlock.Of(TextFile.Read(input), blockTexts))
        {
            cancel.ThrowIfCancellationRequested();
            if (unfinished.Has(block))
            {
                progress.Reuse(block.Entries.Count);
                continue;
            }
            if (progress.Reused > 0 && progress.Reused == progress.Done)
                say(string.Create(CultureInfo.InvariantCulture, $"{progress.Reused} texts were made by an earlier run; going on from there"));
            unfinished.Add(block, Embed(block, embedder, progress, cancel));
        }
        unfinished.Finish();
    }

    private static VectorRow[] Embed(TextBlock block, Llama4Embedder embedder, EmbedProgress progress, CancellationToken cancel)
    {
        var texts = block.Entries.Select(entry => embedder.Template.Render(new Dictionary<string, string> { ["id"] = entry.Id, ["text"] = entry.Text })).ToList();
        var made = embedder.Embed(texts, progress.Batch(), cancel);
        return [.. block.Entries.Select((entry, at) => new VectorRow(entry.Id, ContentHash.Of(texts[at]), made[at].Vector, made[at].Signature.ToString()))];
    }
}
