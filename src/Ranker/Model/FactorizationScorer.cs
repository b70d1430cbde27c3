using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Recs.Ranker.Model;

/// <summary>
/// A field-aware factorization machine's log-odds: Σ w·x + Σ over pairs of features of ⟨v(i, field of j), v(j, field of i)⟩ · x(i) · x(j), the row brought to unit
/// length first. Source: Juan et al., "Field-aware factorization machines for CTR prediction" (RecSys 2016). Immutable; safe from any thread.
/// </summary>
internal sealed class FactorizationScorer : IScorer
{
    private readonly float[] _offsets;
    private readonly float[] _scales;
    private readonly float[] _linear;
    // [feature × fields × factors]
    private readonly float[] _latent;
    private readonly int[] _fieldOf;
    private readonly int _fields;
    private readonly int _factors;

    /// <param name="fieldSizes">Features of each field, in column order.</param>
    /// <param name="linear">By feature.</param>
    /// <param name="latent">[features × fields × factors].</param>
    /// <param name="offsets">Taken from a value first. By feature.</param>
    /// <param name="scales">Factor after that. By feature.</param>
    public FactorizationScorer(IReadOnlyList<int> fieldSizes, IReadOnlyList<float> linear, IReadOnlyList<float> latent, IReadOnlyList<float> offsets, IReadOnlyList<float> scales)
    {
        _fieldOf = [.. fieldSizes.SelectMany((size, field) => Enumerable.Repeat(field, size))];
        (_fields, _linear, _latent, _offsets, _scales) = (fieldSizes.Count, [.. linear], [.. latent], [.. offsets], [.. scales]);
        if (_linear.Length != _fieldOf.Length || _offsets.Length != _fieldOf.Length || _scales.Length != _fieldOf.Length || _latent.Length % (_fieldOf.Length * _fields) != 0)
            throw new InvalidDataException($"{_fieldOf.Length} features in {_fields} fields, {_linear.Length} linear and {_latent.Length} latent weights");
        _factors = _latent.Length / (_fieldOf.Length * _fields);
    }

    public int Trees => 0;

    public string? WhyNotExplained => "a factorization machine multiplies columns with each other; its shares are not worked out";

    public double Explain(ReadOnlySpan<float> row, Span<double> contributions) => throw new InvalidOperationException(WhyNotExplained);

    public double Score(ReadOnlySpan<float> row)
    {
        Span<float> values = stackalloc float[_fieldOf.Length];
        var length = 0.0;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (row[i] - _offsets[i]) * _scales[i];
            length += (double)values[i] * values[i];
        }
        length = length > 0 ? 1 / Math.Sqrt(length) : 1;
        // sums[f, g]: Σ over the features of field f of x · v(feature, g)
        var stride = _fields * _factors;
        Span<double> sums = stackalloc double[_fields * stride];
        double linear = 0, own = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i] * length;
            if (value == 0) continue;
            linear += _linear[i] * value;
            var from = _latent.AsSpan(i * stride, stride);
            var to = sums.Slice(_fieldOf[i] * stride, stride);
            for (var k = 0; k < stride; k++) to[k] += from[k] * value;
            var self = from.Slice(_fieldOf[i] * _factors, _factors);
            foreach (var factor in self) own += factor * value * (factor * value);
        }
        var pairs = -own / 2; // a feature is no pair with itself
        for (var f = 0; f < _fields; f++)
            for (var g = f; g < _fields; g++)
            {
                var product = 0.0;
                for (var k = 0; k < _factors; k++) product += sums[f * stride + g * _factors + k] * sums[g * stride + f * _factors + k];
                pairs += f == g ? product / 2 : product;
            }
        return linear + pairs;
    }

    public void AppendTo(IncrementalHash hash)
    {
        foreach (var numbers in new[] { _offsets, _scales, _linear, _latent }) hash.AppendData(MemoryMarshal.AsBytes<float>(numbers));
        hash.AppendData(MemoryMarshal.AsBytes<int>(_fieldOf));
    }
}
