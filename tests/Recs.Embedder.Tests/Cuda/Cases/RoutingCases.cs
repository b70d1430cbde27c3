using Recs.Embedder.Compute;
using Recs.Embedder.Compute.Cuda;
using Recs.Embedder.Compute.Cuda.Kernels;

namespace Recs.Embedder.Tests.Cuda.Cases;

/// <summary>route and sort_experts: equal to the CPU's choice and order.</summary>
internal static class RoutingCases
{
    public static IEnumerable<KernelCase> All()
    {
        foreach (var (rows, experts) in new[] { (1, 1), (5, 4), (9, 16), (6, 40), (3, 128) }) yield return Route(rows, experts);
        foreach (var (rows, experts) in new[] { (0, 3), (1, 1), (5, 4), (40, 16), (1100, 3) }) yield return Sort(rows, experts);
    }

    private static KernelCase Route(int rows, int experts) => new("route.cu", $"{rows}x{experts}", device =>
    {
        // Few distinct logits, so that most rows have ties; and rows of infinities and NaNs.
        var random = new Random(30);
        var logits = new float[rows * experts];
        for (var i = 0; i < logits.Length; i++) logits[i] = random.Next(-3, 4) * 0.75f;
        if (rows > 2)
        {
            Array.Fill(logits, float.NegativeInfinity, 0, experts);
            logits[experts] = float.NaN;
            logits[3 * experts - 1] = float.NaN;
            // A lane whose first logit is NaN and whose second is the largest of the row.
            if (experts > 35) (logits[2 * experts + 3], logits[2 * experts + 35]) = (float.NaN, 9);
        }
        var (onExperts, onScores) = (device.Room(rows * 4), device.Room(rows * 4));
        new CudaKernels(device, NumberFormat.Float32).Route(device.Upload(logits), rows, experts, onExperts, onScores);
        var (chosen, scores) = (new int[rows], new double[rows]);
        for (var row = 0; row < rows; row++)
        {
            for (var expert = 1; expert < experts; expert++)
                if (logits[row * experts + expert] > logits[row * experts + chosen[row]]) chosen[row] = expert;
            scores[row] = 1 / (1 + Math.Exp(-(double)logits[row * experts + chosen[row]]));
        }
        Expect.Same("experts", device.Download<int>(onExperts), chosen);
        var actual = device.Download<float>(onScores);
        // The score of a NaN is one.
        for (var row = 0; row < rows; row++)
            if (double.IsNaN(scores[row]) && float.IsNaN(actual[row])) (scores[row], actual[row]) = (0, 0);
        Expect.Close("scores", actual, scores, 4e-6, 1e-30);
    });

    private static KernelCase Sort(int rows, int experts) => new("sort_experts.cu", $"{rows} to {experts}", device =>
    {
        // With four experts or more, one in the middle and the last have no token.
        var random = new Random(31);
        var routing = new Routing(experts);
        routing.Fit(rows);
        for (var row = 0; row < rows; row++)
        {
            var expert = random.Next(experts < 4 ? experts : experts - 1);
            routing.Experts[row] = experts >= 4 && expert == 1 ? 0 : expert;
        }
        var (onStarts, onOrder) = (device.Room((experts + 1) * 4), device.Room(rows * 4));
        new CudaKernels(device, NumberFormat.Float32).SortExperts(device.Upload(routing.Experts.ToArray()), rows, experts, onStarts, onOrder);
        routing.Sort();
        Expect.Same("starts", device.Download<int>(onStarts), [.. Enumerable.Range(0, experts).Select(expert => routing.RowsOf(expert).First), rows]);
        Expect.Same("order", device.Download<int>(onOrder), routing.Order.ToArray());
    });
}
