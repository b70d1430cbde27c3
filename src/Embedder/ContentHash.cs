using System.Security.Cryptography;
using System.Text;

namespace Recs.Embedder;

/// <summary>Names a text by its content, so that a text that has not changed is not embedded twice.</summary>
public static class ContentHash
{
    /// <summary>64 lower-case hex digits: SHA-256 of the UTF-8 bytes; lone surrogates count as U+FFFD, as in the tokenizer.</summary>
    /// <param name="text">The rendered text, see <see cref="EmbeddingTemplate.Render"/>.</param>
    public static string Of(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
