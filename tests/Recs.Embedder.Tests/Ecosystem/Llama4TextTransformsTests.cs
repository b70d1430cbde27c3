using Microsoft.ML;
using Microsoft.ML.Data;
using Recs.Domain;
using Recs.Embedder.Ecosystem;

namespace Recs.Embedder.Tests.Ecosystem;

public sealed class Llama4TextTransformsTests
{
    private static readonly Row[] Rows =
    [
        new() { Title = "red retro spot mug", Label = true }, new() { Title = "white metal lantern", Label = false }, new() { Title = "", Label = false },
        new() { Title = "red tea cup", Label = true }, new() { Title = "metal sign", Label = false }, new() { Title = null, Label = false },
    ];

    [Fact]
    public void Transform_FittedOrSavedAndLoadedElsewhere_SameBitsAsTheEmbedder()
    {
        using var embedder = Llama4Embedder.Load(GoldenFolder.Nano);
        var context = new MLContext(seed: 1);
        var data = context.Data.LoadFromEnumerable(Rows);
        var fitted = context.Transforms.Text.EmbedWithLlama4(context, "Vector", nameof(Row.Title), GoldenFolder.Nano).Fit(data);
        var path = Path.Combine(GoldenFolder.Temporary(), "model.zip");
        context.Model.Save(fitted, data.Schema, path);
        var loaded = new MLContext(seed: 2).Model.Load(path, out _);
        foreach (var model in new[] { fitted, loaded })
        {
            var made = model.Transform(data);
            Assert.Equal(new VectorDataViewType(NumberDataViewType.Single, 256), made.Schema["Vector"].Type);
            Assert.Equal(["Title", "Label", "Vector"], made.Schema.Select(column => column.Name));
            var vectors = made.GetColumn<float[]>("Vector").ToArray();
            for (var i = 0; i < Rows.Length; i++) Assert.Equal(embedder.Embed(Rows[i].Title ?? "").Vector, vectors[i]);
            Assert.All(vectors[5], value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void Fit_BeforeATrainer_LearnsAndPredictsOneByOneAfterLoading()
    {
        var context = new MLContext(seed: 1);
        var data = context.Data.LoadFromEnumerable(Enumerable.Repeat(Rows, 20).SelectMany(rows => rows));
        var model = context.Transforms.Text.EmbedWithLlama4(context, "Features", nameof(Row.Title), GoldenFolder.Nano)
            .Append(context.BinaryClassification.Trainers.SdcaLogisticRegression(nameof(Row.Label), "Features"))
            .Fit(data);
        var path = Path.Combine(GoldenFolder.Temporary(), "model.zip");
        context.Model.Save(model, data.Schema, path);
        var other = new MLContext(seed: 2);
        using var engine = other.Model.CreatePredictionEngine<Row, Prediction>(other.Model.Load(path, out _));
        Assert.True(engine.Predict(new Row { Title = "red cup" }).Probability > 0.5);
        Assert.True(engine.Predict(new Row { Title = "metal lantern" }).Probability < 0.5);
    }

    [Fact]
    public void Options_OfThePipeline_AreThoseOfTheLoadedOne()
    {
        var options = new EmbedderOptions { Layer = 2, Pooling = Pooling.Last, MaxTokens = 4 };
        using var embedder = Llama4Embedder.Load(GoldenFolder.Nano, options);
        var context = new MLContext(seed: 1);
        var data = context.Data.LoadFromEnumerable(Rows);
        var path = Path.Combine(GoldenFolder.Temporary(), "model.zip");
        context.Model.Save(context.Transforms.Text.EmbedWithLlama4(context, "Vector", nameof(Row.Title), GoldenFolder.Nano, options).Fit(data), data.Schema, path);
        var vectors = new MLContext().Model.Load(path, out _).Transform(data).GetColumn<float[]>("Vector").ToArray();
        Assert.Equal(embedder.Embed(Rows[0].Title!).Vector, vectors[0]);
    }

    [Fact]
    public void Transform_ModelGoneOrChanged_RefusesAndSaysWhatToDo()
    {
        var gone = SharedEmbedders.Reference(Path.Combine(GoldenFolder.Temporary(), "none"), new EmbedderOptions(), "0123456789abcdef");
        Assert.Contains("RECS_EMBEDDER_MODEL", Assert.Throws<RefusedException>(() => SharedEmbedders.Of(gone)).Message);
        var changed = SharedEmbedders.Reference(GoldenFolder.Nano, new EmbedderOptions(), "0123456789abcdef");
        Assert.Contains("0123456789abcdef", Assert.Throws<RefusedException>(() => SharedEmbedders.Of(changed)).Message);
    }

    [Fact]
    public void Fit_NoModelOrNoTextColumn_Refuses()
    {
        var context = new MLContext(seed: 1);
        Assert.Throws<RefusedException>(() => context.Transforms.Text.EmbedWithLlama4(context, "Vector", "Title", GoldenFolder.Temporary()));
        var data = context.Data.LoadFromEnumerable(Rows);
        Assert.ThrowsAny<Exception>(() => context.Transforms.Text.EmbedWithLlama4(context, "Vector", nameof(Row.Label), GoldenFolder.Nano).Fit(data).Transform(data).GetColumn<float[]>("Vector").ToArray());
    }

    private sealed class Row
    {
        public string? Title { get; set; }

        public bool Label { get; set; }
    }

    private sealed class Prediction
    {
        public float Probability { get; set; }
    }
}
