using System.Runtime.InteropServices;
using System.Text.Json;
using Recs.Embedder;
using Recs.Embedder.Inspection;

namespace Recs.Gpu.Tests;

/// <summary>
/// The small checkpoints through CudaCompute: at float32 against the recorded hidden states and routes, within their own tolerance; at the other
/// precisions against the CPU at the same precision, within wide bounds, since two orders of a sum may round a number of bf16 or FP8 apart, and a
/// router of random weights then chooses another expert.
/// </summary>
internal static class GoldenRun
{
    /// <summary>Far from what the test double shows (0.986 and 5 % at worst), near to what a wrong kernel would.</summary>
    private const double LeastCosine = 0.95, MostRoutesApart = 0.15;

    private static readonly string[] Sets = ["toy", "scout-tiny", "maverick-tiny", "fp8-tiny"];

    public static void All(string golden, string folder, Report report)
    {
        foreach (var set in Sets)
        {
            var root = Path.Combine(golden, set);
            if (!Directory.Exists(root)) continue;
            using var cases = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(root, "cases.json")));
            var tolerance = cases.RootElement.GetProperty("tolerance").GetProperty("hidden_states_max_abs").GetDouble();
            foreach (var precision in Enum.GetValues<Precision>())
            {
                var actual = Record(root, folder, Backend.Cuda, precision);
                var expected = precision == Precision.Float32 ? new HiddenStates(Path.Combine(root, "expected.safetensors")) : Record(root, folder, Backend.Cpu, precision);
                var row = expected.Compare(actual, set, precision);
                report.Goldens.Add(row);
                var isRight = precision == Precision.Float32 ? row.LargestDifference <= tolerance && row.RoutesApart == 0
                    : row.MeanCosine >= LeastCosine && row.RoutesApart <= MostRoutesApart * row.Routes;
                if (!isRight)
                    report.Failures.Add($"golden {set} at {precision}: largest difference {row.LargestDifference:E2} (float32: of {tolerance:E0}), mean cosine {row.MeanCosine:F4}, {row.RoutesApart} of {row.Routes} routes differ");
            }
        }
    }

    private static HiddenStates Record(string root, string folder, Backend backend, Precision precision)
    {
        var path = Path.Combine(folder, "hidden.safetensors");
        using (var recorder = HiddenStateRecorder.Open(Path.Combine(root, "checkpoint"), new EmbedderOptions { Backend = backend, Precision = precision }))
        using (var output = File.Create(path)) recorder.Record(TokenIdFile.Read(Path.Combine(root, "ids.json"), int.MaxValue), output);
        var states = new HiddenStates(path);
        File.Delete(path);
        return states;
    }

    /// <summary>A safetensors file of hidden states and routes, read whole.</summary>
    private sealed class HiddenStates
    {
        private readonly Dictionary<string, float[]> _states = [];
        private readonly Dictionary<string, int[]> _routes = [];

        public HiddenStates(string path)
        {
            var bytes = File.ReadAllBytes(path);
            var header = (int)BitConverter.ToInt64(bytes);
            using var json = JsonDocument.Parse(bytes.AsMemory(8, header));
            foreach (var tensor in json.RootElement.EnumerateObject())
            {
                if (tensor.Name == "__metadata__") continue;
                var offsets = tensor.Value.GetProperty("data_offsets");
                var data = bytes.AsSpan(8 + header)[offsets[0].GetInt32()..offsets[1].GetInt32()];
                if (tensor.Name.Contains(".hidden_states.", StringComparison.Ordinal)) _states[tensor.Name] = MemoryMarshal.Cast<byte, float>(data).ToArray();
                else if (tensor.Name.Contains(".router.", StringComparison.Ordinal)) _routes[tensor.Name] = MemoryMarshal.Cast<byte, int>(data).ToArray();
            }
        }

        public GoldenRow Compare(HiddenStates actual, string set, Precision precision)
        {
            var (largest, cosines, states, apart, routes) = (0.0, 0.0, 0, 0, 0);
            foreach (var (name, expected) in _states)
            {
                var (dot, left, right) = (0.0, 0.0, 0.0);
                var found = actual._states[name];
                for (var i = 0; i < expected.Length; i++)
                {
                    var difference = Math.Abs((double)expected[i] - found[i]);
                    largest = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(largest, difference);
                    (dot, left, right) = (dot + (double)expected[i] * found[i], left + (double)expected[i] * expected[i], right + (double)found[i] * found[i]);
                }
                cosines += dot / Math.Sqrt(left * right);
                states++;
            }
            foreach (var (name, expected) in _routes)
            {
                apart += expected.Zip(actual._routes[name]).Count(pair => pair.First != pair.Second);
                routes += expected.Length;
            }
            return new GoldenRow(set, precision.ToString(), precision == Precision.Float32 ? "golden" : "CPU", largest, cosines / states, apart, routes);
        }
    }
}
