using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Recs.Api.Contracts;

/// <summary>What <c>POST /v1/embeddings</c> answers: OpenAI's shape.</summary>
internal sealed record EmbeddingsAnswer(
    [property: Description("\"list\"")] string Object,
    IReadOnlyList<EmbeddingEntry> Data,
    [property: Description("The embedding version; vectors of two versions must not be compared.")] string Model,
    EmbeddingUsage Usage);

/// <summary>The vector of one input.</summary>
internal sealed record EmbeddingEntry(
    [property: Description("\"embedding\"")] string Object,
    [property: Description("The input's place, from 0.")] int Index,
    [property: Description("Numbers, or base64 where that was asked for.")] EmbeddingValue Embedding);

/// <summary>Tokens computed, special ones counted.</summary>
internal sealed record EmbeddingUsage(long PromptTokens, long TotalTokens);

/// <summary>A vector in the form asked for.</summary>
[JsonConverter(typeof(EmbeddingValueConverter))]
internal readonly record struct EmbeddingValue(ReadOnlyMemory<float> Vector, bool IsBase64);

/// <summary>Writes an array of numbers, each as short as it round-trips, or a text of base64.</summary>
internal sealed class EmbeddingValueConverter : JsonConverter<EmbeddingValue>
{
    public override EmbeddingValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("embeddings are only written");

    public override void Write(Utf8JsonWriter writer, EmbeddingValue value, JsonSerializerOptions options)
    {
        if (value.IsBase64)
        {
            var bytes = new byte[value.Vector.Length * sizeof(float)];
            for (var i = 0; i < value.Vector.Length; i++) System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), value.Vector.Span[i]);
            writer.WriteBase64StringValue(bytes);
            return;
        }
        writer.WriteStartArray();
        foreach (var number in value.Vector.Span) writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
