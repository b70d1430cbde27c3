using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Recs.Api.Serving;

/// <summary>Reads a request's body, or says what is wrong with it.</summary>
/// <remarks>
/// A body over the limit is read to its end and thrown away, up to <see cref="Drained"/> times the limit: a client still sending would
/// otherwise meet a broken connection instead of the answer.
/// </remarks>
internal static class JsonBody
{
    public const string Expected = "the body is not application/json; set the header content-type: application/json";

    /// <summary>The server itself ends a request that is longer than this many times the limit.</summary>
    public const int Drained = 8;

    /// <param name="http">The request.</param>
    /// <param name="type">What is expected.</param>
    /// <param name="limit">Bytes.</param>
    /// <exception cref="RefusedRequest">Too long, another media type, not JSON, or a field of the wrong type.</exception>
    public static async Task<T> Read<T>(HttpContext http, JsonTypeInfo<T> type, int limit)
    {
        if (!http.Request.HasJsonContentType()) throw new RefusedRequest(StatusCodes.Status415UnsupportedMediaType, "unsupported media type", Expected);
        var body = await Bytes(http, limit);
        try
        {
            return JsonSerializer.Deserialize(body.GetBuffer().AsSpan(0, (int)body.Length), type)
                ?? throw RefusedRequest.Invalid("the body is null, expected a JSON object");
        }
        catch (JsonException broken)
        {
            throw RefusedRequest.Invalid(broken.Path is { Length: > 1 } path
                ? $"{path} is not of the type expected, or the JSON breaks off there (line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1})"
                : $"the body is not JSON of the form expected (line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1})");
        }
    }

    private static async Task<MemoryStream> Bytes(HttpContext http, int limit)
    {
        var body = new MemoryStream((int)Math.Clamp(http.Request.ContentLength ?? 0, 256, limit));
        var buffer = new byte[16 << 10];
        var total = 0L;
        while (await http.Request.Body.ReadAsync(buffer, http.RequestAborted) is > 0 and var read)
            if ((total += read) <= limit) body.Write(buffer, 0, read);
        return total <= limit ? body
            : throw new RefusedRequest(StatusCodes.Status413PayloadTooLarge, "request too large", $"the body has {total} bytes, limit {limit}; send less at once");
    }
}
