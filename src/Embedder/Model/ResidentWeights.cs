namespace Recs.Embedder.Model;

/// <summary>All layers in memory, packed once. May be used by any number of forward passes at once.</summary>
internal sealed class ResidentWeights : ILayerWeights
{
    private readonly WeightPart?[][] _parts;

    private ResidentWeights(WeightPart?[][] parts, int experts) => (_parts, ExpertsAPart) = (parts, experts);

    public int ExpertsAPart { get; }

    /// <summary>Loads every part, several at a time.</summary>
    /// <exception cref="Domain.RefusedException">A number is not finite; of several, the first in layer order is named.</exception>
    public static ResidentWeights Load(PartLoader loader, int threads)
    {
        var keys = loader.Keys(loader.Config.Experts).ToArray();
        var weights = new ResidentWeights([.. loader.Config.Layers.Select(_ => new WeightPart?[3])], Math.Max(1, loader.Config.Experts));
        var failures = new Exception?[keys.Length];
        Parallel.For(0, keys.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, (k, loop) =>
        {
            try
            {
                weights._parts[keys[k].Layer][(int)keys[k].Kind] = loader.Load(keys[k], loader.Config.Experts);
            }
            catch (Exception failed)
            {
                failures[k] = failed;
                loop.Break();
            }
        });
        if (failures.FirstOrDefault(failure => failure is not null) is not { } first)
        {
            loader.Settle();
            return weights;
        }
        weights.Dispose();
        throw first is Domain.RefusedException refused ? new Domain.RefusedException(refused.Message, refused) : first;
    }

    public WeightPart Acquire(PartKey key) => _parts[key.Layer][(int)key.Kind]!;

    public void Release(WeightPart part)
    {
        // Stays.
    }

    public void Expect(PartKey key)
    {
        // Is here.
    }

    public void Dispose()
    {
        foreach (var part in _parts.SelectMany(parts => parts)) part?.Dispose();
    }
}
