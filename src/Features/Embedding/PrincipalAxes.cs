namespace Recs.Features.Embedding;

/// <summary>
/// The directions in which item vectors differ most (principal components), each scaled so that the vectors it was found on have deviation 1 along it. Found by subspace iteration with
/// Gram–Schmidt (Golub and Van Loan, Matrix Computations, 8.2) in plain double arithmetic, in one order: the same vectors give the same bits on every machine.
/// </summary>
internal static class PrincipalAxes
{
    /// <summary>Vectors looked at, at most, evenly spaced in id order.</summary>
    private const int Most = 20_000;

    private const int Iterations = 60;

    /// <summary>As numbers that a schema keeps: [count] what to add, then [count × dimensions] what to multiply by. A direction without any spread is all 0.</summary>
    /// <param name="vectors">At least one.</param>
    /// <param name="count">How many directions.</param>
    public static float[] Find(ItemVectors vectors, int count)
    {
        var rows = Math.Min(vectors.Count, Most);
        var dimensions = vectors.Dimensions;
        ReadOnlySpan<float> Row(int row) => vectors.Vector((int)((long)row * vectors.Count / rows));
        var mean = new double[dimensions];
        for (var row = 0; row < rows; row++)
        {
            var vector = Row(row);
            for (var d = 0; d < dimensions; d++) mean[d] += vector[d] / (double)rows;
        }
        var random = new Random(1);
        var axes = Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, dimensions).Select(_ => random.NextDouble() - 0.5).ToArray()).ToArray();
        var variances = Orthonormal(axes);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            var next = axes.Select(_ => new double[dimensions]).ToArray();
            for (var row = 0; row < rows; row++)
            {
                var vector = Row(row);
                for (var axis = 0; axis < count; axis++)
                {
                    var (along, from) = (0.0, axes[axis]);
                    for (var d = 0; d < dimensions; d++) along += (vector[d] - mean[d]) * from[d];
                    along /= rows;
                    var into = next[axis];
                    for (var d = 0; d < dimensions; d++) into[d] += along * (vector[d] - mean[d]);
                }
            }
            variances = Orthonormal(axes = next);
        }

        var numbers = new float[count * (1 + dimensions)];
        for (var axis = 0; axis < count; axis++)
        {
            // Rounding leaves some spread of its own where there is none.
            var scale = variances[axis] > 1e-12 ? Sign(axes[axis]) / Math.Sqrt(variances[axis]) : 0;
            var offset = 0.0;
            for (var d = 0; d < dimensions; d++)
            {
                numbers[count + axis * dimensions + d] = (float)(axes[axis][d] * scale);
                offset -= mean[d] * axes[axis][d] * scale;
            }
            numbers[axis] = (float)offset;
        }
        return numbers;
    }

    /// <summary>Makes the axes orthogonal and of length 1, in order; tells their lengths before that: after a step of iteration these are the variances.</summary>
    private static double[] Orthonormal(double[][] axes)
    {
        var lengths = new double[axes.Length];
        for (var axis = 0; axis < axes.Length; axis++)
        {
            var own = axes[axis];
            for (var earlier = 0; earlier < axis; earlier++)
            {
                var along = 0.0;
                for (var d = 0; d < own.Length; d++) along += own[d] * axes[earlier][d];
                for (var d = 0; d < own.Length; d++) own[d] -= along * axes[earlier][d];
            }
            lengths[axis] = Math.Sqrt(own.Sum(value => value * value));
            for (var d = 0; d < own.Length; d++) own[d] = lengths[axis] > 1e-300 ? own[d] / lengths[axis] : 0;
        }
        return lengths;
    }

    // An axis and its mirror image are alike: the greatest number is positive.
    private static int Sign(double[] axis) => axis.Max() >= -axis.Min() ? 1 : -1;
}
