using Recs.Domain;

namespace Recs.Pipelines.Score;

/// <summary>Scores the rows of one part, a few hundred at a time: columns are filled in, then the rows are scored. Thread rule: one thread.</summary>
internal sealed class PartScorer(ScorePlan plan)
{
    /// <summary>Rows at a time: their features stay within a processor's cache.</summary>
    public const int Chunk = 512;

    private readonly int _width = plan.Columns.Count;
    private readonly float[] _rows = new float[Chunk * plan.Columns.Count];
    private float[][] _scores = [];

    /// <summary>Turns to a part.</summary>
    /// <param name="rows">That it has.</param>
    public void Begin(int rows) => _scores = [.. plan.Heads.Select(_ => new float[rows])];

    /// <summary>Takes one feature of the next rows.</summary>
    /// <param name="column">Number of the feature.</param>
    /// <param name="values">At most <see cref="Chunk"/>.</param>
    /// <param name="file">For messages.</param>
    /// <param name="first">Number of the first row in the file.</param>
    /// <exception cref="RefusedException">A number is not finite.</exception>
    public void Fill(int column, ReadOnlySpan<float> values, string file, long first)
    {
        var rows = _rows;
        for (int row = 0, at = column; row < values.Length; row++, at += _width)
        {
            var value = values[row];
            if (!float.IsFinite(value)) throw new RefusedException($"{file}, row {first + row}: {plan.Columns[column]} is {value}, expected a finite number");
            rows[at] = value;
        }
    }

    /// <summary>Scores the rows filled in.</summary>
    /// <param name="first">Their place in the part.</param>
    /// <param name="count">How many.</param>
    public void Score(int first, int count)
    {
        for (var head = 0; head < _scores.Length; head++) plan.Heads[head].Score(_rows.AsSpan(0, count * _width), _width, _scores[head].AsSpan(first, count));
    }

    /// <summary>By head the scores of the part; they belong to the caller from now on.</summary>
    public float[][] End() => _scores;
}
