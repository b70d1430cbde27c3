using System.Buffers;

namespace Recs.Ranker.Slates;

/// <summary>
/// Everything a slate is composed from but the model and the policy: what the state said at the moment of the request. Composing it again gives the same
/// slate, byte for byte, whatever became of the state: this is what the decision ledger keeps. Its buffers are pooled: dispose of it once.
/// </summary>
public sealed class SlateInputs : IDisposable
{
    private Contender[] _contenders;
    private float[] _rows;
    private int _count, _numbers;

    internal SlateInputs(RankRequest request, int contenders, int numbers)
    {
        Request = request;
        _contenders = ArrayPool<Contender>.Shared.Rent(Math.Max(1, contenders));
        _rows = ArrayPool<float>.Shared.Rent(Math.Max(1, numbers));
        _numbers = numbers;
    }

    /// <summary>What was asked.</summary>
    public RankRequest Request { get; }

    /// <summary>How many candidates the sources found.</summary>
    public int Candidates { get; internal set; }

    /// <summary>Sources that failed or were late, with the reason.</summary>
    public IReadOnlyList<string> SkippedSources { get; internal set; } = [];

    /// <summary>What the filters took out, in their order.</summary>
    public IReadOnlyList<Removal> Removed { get; internal set; } = [];

    /// <summary>What the filters kept.</summary>
    public ReadOnlySpan<Contender> Contenders => _contenders.AsSpan(0, _count);

    /// <summary>Rows of <see cref="Rows"/>: an ad shares that of the item it promotes.</summary>
    public int Subjects { get; internal set; }

    /// <summary>[subjects × schema width] features; under <see cref="Degradation.Counters"/> [subjects × heads] rates; under <see cref="Degradation.Popularity"/> nothing.</summary>
    public ReadOnlySpan<float> Rows => _rows.AsSpan(0, _numbers);

    /// <summary>Where likenesses between contenders come from; each answer is kept in <see cref="LikenessTape"/>.</summary>
    internal ILikeness? Likeness { get; set; }

    /// <summary>The likenesses that composing asked for, in order: cosine × 127, rounded.</summary>
    public IReadOnlyList<sbyte> LikenessTape => Likeness?.Tape ?? [];

    internal Span<float> RowsForWriting => _rows.AsSpan(0, _numbers);

    internal void Add(in Contender contender)
    {
        if (_count == _contenders.Length)
        {
            var larger = ArrayPool<Contender>.Shared.Rent(_count * 2);
            _contenders.AsSpan(0, _count).CopyTo(larger);
            ArrayPool<Contender>.Shared.Return(_contenders, clearArray: true);
            _contenders = larger;
        }
        _contenders[_count++] = contender;
    }

    /// <summary>Shrinks the rows to what was filled.</summary>
    internal void Trim(int numbers) => _numbers = numbers;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_contenders.Length == 0) return;
        ArrayPool<Contender>.Shared.Return(_contenders, clearArray: true);
        ArrayPool<float>.Shared.Return(_rows);
        (_contenders, _rows, _count, _numbers) = ([], [], 0, 0);
    }
}
