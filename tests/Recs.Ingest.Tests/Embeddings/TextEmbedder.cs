using System.Security.Cryptography;
using System.Text;
using Recs.Domain.Items;

namespace Recs.Ingest.Tests.Embeddings;

/// <summary>Vectors that are a function of the text, with a hook before each batch. Deleted items and promoting ads have none.</summary>
internal sealed class TextEmbedder(string version = "v1") : IItemEmbedder
{
    private int _texts;

    public string Version => version;

    /// <summary>Texts embedded so far.</summary>
    public int Texts => Volatile.Read(ref _texts);

    /// <summary>Called with the number of texts embedded before; may throw or wait.</summary>
    public Action<int, CancellationToken>? Before { get; set; }

    public static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static float[] VectorOf(string text) => [.. SHA256.HashData(Encoding.UTF8.GetBytes(text)).Select(value => value / 255f)];

    public static string SignatureOf(string text) => $"{text.Length}-{VectorOf(text)[0] * 255:0}";

    public ItemEmbeddingText? TextOf(Item item) => item.Status == ItemStatus.Deleted || item.Ad?.Promotes is not null ? null : new(item.Title, HashOf(item.Title));

    public IReadOnlyList<(float[] Vector, string Signature)> Embed(IReadOnlyList<string> texts, CancellationToken stop)
    {
        Before?.Invoke(Texts, stop);
        Interlocked.Add(ref _texts, texts.Count);
        return [.. texts.Select(text => (VectorOf(text), SignatureOf(text)))];
    }
}
