using System.Net;
using Microsoft.Extensions.AI;

namespace Recs.Api.Tests;

public sealed class EmbeddingsEndpointTests : IAsyncLifetime
{
    private static readonly ApiOptions Small = new() { Url = "http://127.0.0.1:0", EmbeddingInputs = 3, EmbeddingCharacters = 20, EmbeddingRequests = 1 };
    private readonly Lengths _generator = new();
    private ServedShop _shop = null!;

    public async ValueTask InitializeAsync() => _shop = await ServedShop.Start(withVectors: false, follow: false, options: Small, embeddings: _generator);

    public ValueTask DisposeAsync() => _shop.DisposeAsync();

    [Theory]
    [InlineData("""{"model":"recs","input":"abc"}""", 1)]
    [InlineData("""{"model":"lengths-1","input":["abc","de"],"encoding_format":"float","dimensions":2,"user":"u"}""", 2)]
    [InlineData("""{"input":["abc"]}""", 1)]
    public async Task Post_Texts_VectorsInTheOrderOfTheInput(string request, int count)
    {
        var (status, body, _) = await _shop.Post("/v1/embeddings", request);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("list", "lengths-1"), (body.GetProperty("object").GetString(), body.GetProperty("model").GetString()));
        var data = body.GetProperty("data").EnumerateArray().ToArray();
        Assert.Equal(count, data.Length);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(("embedding", i), (data[i].GetProperty("object").GetString(), data[i].GetProperty("index").GetInt32()));
            Assert.Equal([3 - i, 0.1f], data[i].GetProperty("embedding").EnumerateArray().Select(number => number.GetSingle()));
        }
        Assert.Equal(count == 1 ? 3 : 5, body.GetProperty("usage").GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(count == 1 ? 3 : 5, body.GetProperty("usage").GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task Post_Base64_IsLittleEndianFloats()
    {
        var (_, body, _) = await _shop.Post("/v1/embeddings", """{"model":"recs","input":"abcd","encoding_format":"base64"}""");
        var bytes = Convert.FromBase64String(body.GetProperty("data")[0].GetProperty("embedding").GetString()!);
        Assert.Equal([4f, 0.1f], [BitConverter.ToSingle(bytes, 0), BitConverter.ToSingle(bytes, 4)]);
    }

    [Theory]
    [InlineData("""{"model":"gpt-4","input":"a"}""", 404, "model", "lengths-1")]
    [InlineData("""{"input":[]}""", 400, "input", "missing or empty")]
    [InlineData("""{"model":"recs"}""", 400, "input", "missing or empty")]
    [InlineData("""{"input":[1,2,3]}""", 400, "input", "token ids")]
    [InlineData("""{"input":[[1,2]]}""", 400, "input", "token ids")]
    [InlineData("""{"input":["a",""]}""", 400, "input", "input[1] is empty")]
    [InlineData("""{"input":["a\ud83d"]}""", 400, "input", "Unicode")]
    [InlineData("""{"input":["a","b","c","d"]}""", 400, "input", "limit 3")]
    [InlineData("""{"input":"123456789012345678901"}""", 400, "input", "limit 20")]
    [InlineData("""{"input":"a","encoding_format":"hex"}""", 400, "encoding_format", "float or base64")]
    [InlineData("""{"input":"a","dimensions":64}""", 400, "dimensions", "makes 2")]
    [InlineData("""{"input":""", 400, null, "JSON")]
    public async Task Post_WhatCannotBe_IsRefusedInOpenAiShape(string request, int expected, string? param, string message)
    {
        var (status, body, _) = await _shop.Post("/v1/embeddings", request);
        Assert.Equal(expected, (int)status);
        var error = body.GetProperty("error");
        Assert.Equal("invalid_request_error", error.GetProperty("type").GetString());
        Assert.Contains(message, error.GetProperty("message").GetString());
        Assert.Equal(param, error.TryGetProperty("param", out var named) ? named.GetString() : null);
    }

    [Fact]
    public async Task Post_MoreAtOnceThanAllowed_IsToldToComeAgain()
    {
        _generator.Gate = new TaskCompletionSource();
        var held = _shop.Post("/v1/embeddings", """{"input":"slow"}""");
        await _generator.Entered.Task;
        var (status, body, _) = await _shop.Post("/v1/embeddings", """{"input":"a"}""");
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.Equal("rate_limit_exceeded", body.GetProperty("error").GetProperty("code").GetString());
        _generator.Gate.SetResult();
        Assert.Equal(HttpStatusCode.OK, (await held).Status);
        Assert.Equal(HttpStatusCode.OK, (await _shop.Post("/v1/embeddings", """{"input":"a"}""")).Status);
    }

    [Fact]
    public async Task Models_WithAndWithoutAModel_NameWhatIsLoaded()
    {
        var (_, body, _) = await _shop.Get("/v1/models");
        var model = Assert.Single(body.GetProperty("data").EnumerateArray().ToArray());
        Assert.Equal(("lengths-1", "model", "recs"), (model.GetProperty("id").GetString(), model.GetProperty("object").GetString(), model.GetProperty("owned_by").GetString()));
        Assert.Equal(TinyShop.End.ToDateTimeOffset().ToUnixTimeSeconds(), model.GetProperty("created").GetInt64(), 3_600L);
        await using var bare = await ServedShop.Start(withVectors: false, follow: false);
        Assert.Empty((await bare.Get("/v1/models")).Body.GetProperty("data").EnumerateArray());
        var (status, refused, _) = await bare.Post("/v1/embeddings", """{"input":"a"}""");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("--embedder", refused.GetProperty("error").GetProperty("message").GetString());
    }

    /// <summary>A text's length and a tenth.</summary>
    private sealed class Lengths : IEmbeddingGenerator<string, Embedding<float>>
    {
        public TaskCompletionSource? Gate { get; set; }

        public TaskCompletionSource Entered { get; } = new();

        public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
        {
            Entered.TrySetResult();
            if (Gate is { } gate) await gate.Task;
            var texts = values.ToArray();
            return new GeneratedEmbeddings<Embedding<float>>(texts.Select(text => new Embedding<float>(new[] { text.Length, 0.1f })))
            {
                Usage = new UsageDetails { InputTokenCount = texts.Sum(text => text.Length) },
            };
        }

        public object? GetService(Type serviceType, object? serviceKey = null) =>
            serviceType == typeof(EmbeddingGeneratorMetadata) ? new EmbeddingGeneratorMetadata("test", null, "lengths-1", 2) : null;

        public void Dispose()
        {
            // Holds nothing.
        }
    }
}
