using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Recs.Api.Serving;

/// <summary>Reads a request's body, or says what is wrong with it.</summary>
internal static class JsonBody
{
    public const string Expected = "the body is not application/json; set the header content-type: application/json";

    /// <exception cref="RefusedRequest">Another media type, not JSON, or a field of the wrong type.</exception>
    public static async Task<T> Read<T>(HttpContext http, JsonTypeInfo<T> type)
    {
        if (!http.Request.HasJsonContentType()) throw new RefusedRequest(StatusCodes.Status415UnsupportedMediaType, "unsupported media type", Expected);
        try
        {
            return await JsonSerializer.DeserializeAsync(http.Request.Body, type, http.RequestAborted)
                ?? throw RefusedRequest.Invalid("the body is null, expected a JSON object");
        }
        catch (JsonException broken)
        {
            throw RefusedRequest.Invalid(broken.Path is { Length: > 1 } path
                ? $"{path} is not of the type expected, or the JSON breaks off there (line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1})"
                : $"the body is not JSON of the form expected (line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1})");
        }
    }
}
