namespace Recs.Embedder.Model;

/// <summary>Where the layers' weights come from. Used by one forward pass at a time, unless it says otherwise.</summary>
internal interface ILayerWeights : IDisposable
{
    /// <summary>How many experts a part of kind <see cref="PartKind.Experts"/> has at most.</summary>
    int ExpertsAPart { get; }

    /// <summary>The part, loaded. Its user gives it back with <see cref="Release"/>.</summary>
    WeightPart Acquire(PartKey key);

    void Release(WeightPart part);

    /// <summary>Says which part will most likely be asked for next, so that it can be read while another is in use.</summary>
    void Expect(PartKey key);
}
