using Recs.Features.Embedding;

namespace Recs.Ranker.Slates;

/// <summary>How alike two contenders' texts are.</summary>
internal interface ILikeness
{
    /// <summary>Everything answered so far, in order.</summary>
    IReadOnlyList<sbyte> Tape { get; }

    /// <summary>The cosine of two contenders' vectors × 127, rounded; 0 where one has none.</summary>
    /// <param name="a">Place among the contenders.</param>
    /// <param name="b">Another.</param>
    int Between(int a, int b);
}

/// <summary>Likeness by the vectors of the moment.</summary>
internal sealed class VectorLikeness(ItemVectors vectors, SlateInputs inputs) : ILikeness
{
    private readonly List<sbyte> _tape = [];

    public IReadOnlyList<sbyte> Tape => _tape;

    public int Between(int a, int b)
    {
        var cosine = vectors.Cosine(inputs.Contenders[a].Id, inputs.Contenders[b].Id) ?? 0;
        var rounded = (sbyte)Math.Clamp((int)MathF.Round(cosine * 127), -127, 127);
        _tape.Add(rounded);
        return rounded;
    }
}

/// <summary>Likeness as it was answered before.</summary>
internal sealed class RecordedLikeness(IReadOnlyList<sbyte> tape) : ILikeness
{
    private int _next;

    public IReadOnlyList<sbyte> Tape => tape;

    /// <exception cref="InvalidDataException">More is asked than was recorded: another policy or other contenders.</exception>
    public int Between(int a, int b) => _next < tape.Count ? tape[_next++] : throw new InvalidDataException($"the record has {tape.Count} likenesses, and composing asks for more");
}
