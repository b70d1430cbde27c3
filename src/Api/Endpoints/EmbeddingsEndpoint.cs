using System.Text.Json;
using Microsoft.Extensions.AI;
using Recs.Api.Contracts;
using Recs.Api.Serving;

namespace Recs.Api.Endpoints;

/// <summary>
/// <c>POST /v1/embeddings</c> and <c>GET /v1/models</c> in OpenAI's shape, over whatever generator the program brings. So many requests are taken
/// at once; one more is told to come again, for a queue of large ones would only grow.
/// </summary>
internal sealed class EmbeddingsEndpoint(IEmbeddingGenerator<string, Embedding<float>>? generator, ApiOptions options, TimeProvider clock)
{
    /// <summary>Stands for whichever model is loaded.</summary>
    private const string AnyModel = "recs";

    private readonly EmbeddingGeneratorMetadata? _metadata = generator?.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata;
    private readonly long _started = clock.GetUtcNow().ToUnixTimeSeconds();
    private int _running;

    private string Model => _metadata?.DefaultModelId ?? AnyModel;

    public async Task<IResult> Answer(HttpContext http, CancellationToken cancel)
    {
        if (generator is null) return Fault(StatusCodes.Status503ServiceUnavailable, "no embedding model is loaded; start the server with --embedder DIR", code: "no_model");
        if (Interlocked.Increment(ref _running) > options.EmbeddingRequests)
        {
            Interlocked.Decrement(ref _running);
            http.Response.Headers.RetryAfter = "1";
            return Fault(StatusCodes.Status429TooManyRequests, $"{options.EmbeddingRequests} requests are being embedded, which is the limit; try again in a second", code: "rate_limit_exceeded");
        }
        try
        {
            var body = await JsonBody.Read(http, ApiJson.Default.EmbeddingsBody, options.BodyBytes);
            return Refusal(body, out var texts) ?? await Embed(generator, texts, body.EncodingFormat == "base64", cancel);
        }
        catch (RefusedRequest refused)
        {
            return Fault(refused.Problem.Status, refused.Problem.Detail);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    public IResult Models() => Results.Json(
        new ModelsAnswer("list", generator is null ? [] : [new ModelEntry(Model, "model", _started, "recs")]), ApiJson.Default.ModelsAnswer);

    private async Task<IResult> Embed(IEmbeddingGenerator<string, Embedding<float>> embedder, List<string> texts, bool isBase64, CancellationToken cancel)
    {
        var made = await embedder.GenerateAsync(texts, null, cancel);
        var tokens = made.Usage?.InputTokenCount ?? 0;
        return Results.Json(new EmbeddingsAnswer("list", [.. made.Select((embedding, index) => new EmbeddingEntry("embedding", index, new EmbeddingValue(embedding.Vector, isBase64)))], Model,
            new EmbeddingUsage(tokens, tokens)), ApiJson.Default.EmbeddingsAnswer);
    }

    private IResult? Refusal(EmbeddingsBody body, out List<string> texts)
    {
        texts = [];
        if (body.Model is { } model && model != AnyModel && model != Model)
            return Fault(StatusCodes.Status404NotFound, $"model '{model}' is not loaded; there is '{Model}', which '{AnyModel}' stands for too", "model", "model_not_found");
        if (body.EncodingFormat is not (null or "float" or "base64")) return Fault(StatusCodes.Status400BadRequest, $"encoding_format '{body.EncodingFormat}' is unknown: float or base64", "encoding_format");
        if (body.Dimensions is { } dimensions && _metadata?.DefaultModelDimensions is { } own && dimensions != own)
            return Fault(StatusCodes.Status400BadRequest, $"dimensions is {dimensions}, but this model makes {own}; leave it out", "dimensions");
        var inputs = body.Input.ValueKind switch
        {
            JsonValueKind.String => [body.Input],
            JsonValueKind.Array => body.Input.EnumerateArray().ToList(),
            _ => [],
        };
        if (inputs.Count == 0) return Fault(StatusCodes.Status400BadRequest, "input is missing or empty; expected a text or a list of texts", "input");
        if (inputs.Count > options.EmbeddingInputs) return Fault(StatusCodes.Status400BadRequest, $"input has {inputs.Count} entries, limit {options.EmbeddingInputs}; send several requests", "input");
        for (var i = 0; i < inputs.Count; i++)
        {
            if (inputs[i].ValueKind != JsonValueKind.String) return Fault(StatusCodes.Status400BadRequest, $"input[{i}] is no text; token ids are not taken, send the text itself", "input");
            var text = Text(inputs[i]);
            if (text is null) return Fault(StatusCodes.Status400BadRequest, $"input[{i}] is not valid Unicode; escape whole characters only", "input");
            if (text.Length == 0) return Fault(StatusCodes.Status400BadRequest, $"input[{i}] is empty; leave it out", "input");
            if (text.Length > options.EmbeddingCharacters) return Fault(StatusCodes.Status400BadRequest, $"input[{i}] has {text.Length} characters, limit {options.EmbeddingCharacters}; shorten it", "input");
            texts.Add(text);
        }
        return null;
    }

    /// <summary>Null for half a surrogate pair, which JSON can write and a text cannot hold.</summary>
    private static string? Text(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static IResult Fault(int status, string message, string? param = null, string? code = null) => Results.Json(
        new EmbeddingsFault(new EmbeddingsError(message, status >= 500 ? "server_error" : "invalid_request_error", param, code)), ApiJson.Default.EmbeddingsFault, statusCode: status);
}
