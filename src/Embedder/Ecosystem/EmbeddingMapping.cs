using Microsoft.ML;
using Microsoft.ML.Transforms;
using Recs.Domain;

namespace Recs.Embedder.Ecosystem;

/// <summary>
/// The mappings by vector size. A saved model names one by its contract and this assembly, so that ML.NET finds it again when it loads the
/// file; nothing has to be registered.
/// </summary>
internal static class EmbeddingMapping
{
    private static readonly Dictionary<int, Func<MLContext, IEstimator<ITransformer>>> BySize = new()
    {
        [64] = Estimator<Output64, Mapping64>, [128] = Estimator<Output128, Mapping128>, [256] = Estimator<Output256, Mapping256>,
        [384] = Estimator<Output384, Mapping384>, [512] = Estimator<Output512, Mapping512>, [768] = Estimator<Output768, Mapping768>,
        [1024] = Estimator<Output1024, Mapping1024>, [2048] = Estimator<Output2048, Mapping2048>, [4096] = Estimator<Output4096, Mapping4096>,
        [5120] = Estimator<Output5120, Mapping5120>,
    };

    /// <exception cref="RefusedException">There is no mapping of that size.</exception>
    public static IEstimator<ITransformer> OfSize(MLContext context, int dimensions) => BySize.TryGetValue(dimensions, out var make)
        ? make(context)
        : throw new RefusedException($"an ML.NET model file cannot hold vectors of {dimensions} numbers; sizes are {string.Join(", ", BySize.Keys)}: take a folder with a Dense projection to one of them, or use Llama4Embedder itself");

    private static CustomMappingEstimator<EmbeddingInput, TOutput> Estimator<TOutput, TMapping>(MLContext context)
        where TOutput : EmbeddingOutput, new() where TMapping : EmbeddingMapping<TOutput>, new() =>
        context.Transforms.CustomMapping(new TMapping().GetMapping(), Contract<TOutput>());

    private static string Contract<TOutput>() => ContractPrefix + typeof(TOutput).Name["Output".Length..];

    public const string ContractPrefix = "recs-llama4-embedding-";
}

/// <summary>Text and model to a vector of one size.</summary>
internal abstract class EmbeddingMapping<TOutput> : CustomMappingFactory<EmbeddingInput, TOutput> where TOutput : EmbeddingOutput, new()
{
    public override Action<EmbeddingInput, TOutput> GetMapping() => Map;

    private static void Map(EmbeddingInput input, TOutput output)
    {
        var vector = SharedEmbedders.Of(input.RecsModel.Span).Embed(input.RecsText.ToString()).Vector;
        output.RecsVector = new Microsoft.ML.Data.VBuffer<float>(vector.Length, vector);
    }
}

[CustomMappingFactoryAttribute(EmbeddingMapping.ContractPrefix + "64")]
internal sealed class Mapping64 : EmbeddingMapping<Output64>;

[CustomMappingFactoryAttribute(EmbeddingMapping.ContractPrefix + "128")]
internal sealed class Mapping128 : EmbeddingMapping<Output128>;

[CustomMappingFactoryAttribute(EmbeddingMapping.ContractPrefix + "256")]
internal sealed class Mapping256 : EmbeddingMapping<Output256>;

[CustomMappingFactoryAttribute(EmbeddingMapping.ContractPrefix + "384")]
internal sealed class Mapping384 : EmbeddingMapping<Output384>;

[CustomMappingFactoryAttribute(EmbeddingMapping.ContractPrefix + "512")]
internal sealed class Mapping512 : EmbeddingMapping<Output512>;

[CustomMappingFactoryAttribute(EmbeddingMapping.ContractPrefix + "768")]
internal sealed class Mapping768 : EmbeddingMapping<Output768>;

[CustomMappingFactoryAttribute(EmbeddingMapping.ContractPrefix + "1024")]
internal sealed class Mapping1024 : EmbeddingMapping<Output1024>;

[CustomMappingFactoryAttribute(EmbeddingMapping.ContractPrefix + "2048")]
internal sealed class Mapping2048 : EmbeddingMapping<Output2048>;

[CustomMappingFactoryAttribute(EmbeddingMapping.ContractPrefix + "4096")]
internal sealed class Mapping4096 : EmbeddingMapping<Output4096>;

[CustomMappingFactoryAttribute(EmbeddingMapping.ContractPrefix + "5120")]
internal sealed class Mapping5120 : EmbeddingMapping<Output5120>;
