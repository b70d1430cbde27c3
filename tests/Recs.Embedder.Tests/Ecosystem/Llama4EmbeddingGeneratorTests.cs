using Microsoft.Extensions.AI;
using Recs.Embedder.Ecosystem;

namespace Recs.Embedder.Tests.Ecosystem;

public sealed class Llama4EmbeddingGeneratorTests
{
    [Fact]
    public async Task Generate_Texts_AreTheEmbeddersVectorsWithSignatureAndUsage()
    {
        using var generator = Llama4EmbeddingGenerator.Load(GoldenFolder.Nano);
        var embedder = generator.GetRequiredService<Llama4Embedder>();
        string[] texts = ["red mug", "", "white metal lantern"];
        var made = await generator.GenerateAsync(texts, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(3, made.Count);
        foreach (var (expected, actual) in embedder.Embed(texts).Zip(made))
        {
            Assert.Equal(expected.Vector, actual.Vector.ToArray());
            Assert.Equal(embedder.Version, actual.ModelId);
            Assert.Equal(expected.Signature.ToString(), actual.AdditionalProperties![Llama4EmbeddingGenerator.SignatureProperty]);
        }
        Assert.Equal(texts.Sum(embedder.CountTokens), made.Usage!.InputTokenCount);
        Assert.Equal(0, embedder.CountTokens(""));
        Assert.Equal(embedder.Embed("red mug").Vector, (await generator.GenerateVectorAsync("red mug", cancellationToken: TestContext.Current.CancellationToken)).ToArray());
    }

    [Fact]
    public async Task Generate_WhatTheModelCannot_IsRefused()
    {
        using var embedder = Llama4Embedder.Load(GoldenFolder.Nano);
        using var generator = new Llama4EmbeddingGenerator(embedder);
        var cancel = TestContext.Current.CancellationToken;
        Assert.Contains("256", (await Assert.ThrowsAsync<NotSupportedException>(() => generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 64 }, cancel))).Message);
        Assert.Contains("gpt", (await Assert.ThrowsAsync<NotSupportedException>(() => generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { ModelId = "gpt" }, cancel))).Message);
        Assert.Single(await generator.GenerateAsync(["a"], new EmbeddingGenerationOptions { Dimensions = 256, ModelId = embedder.Version }, cancel));
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => generator.GenerateAsync(["a"], null, stopped.Token));
    }

    [Fact]
    public void Services_OfTheGenerator_AreMetadataEmbedderAndItself()
    {
        using var embedder = Llama4Embedder.Load(GoldenFolder.Nano);
        using var generator = new Llama4EmbeddingGenerator(embedder);
        var metadata = generator.GetRequiredService<EmbeddingGeneratorMetadata>();
        Assert.Equal((embedder.Version, 256), (metadata.DefaultModelId, metadata.DefaultModelDimensions));
        Assert.Same(embedder, generator.GetService(typeof(Llama4Embedder)));
        Assert.Same(generator, generator.GetService(typeof(IEmbeddingGenerator<string, Embedding<float>>)));
        Assert.Null(generator.GetService(typeof(string)));
        Assert.Null(generator.GetService(typeof(Llama4Embedder), "key"));
    }
}
