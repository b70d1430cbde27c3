using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Recs.Gpu.Tests;

/// <summary>What a run found, as gpu.json and as a table for people.</summary>
internal sealed class Report(string device, string shape)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public int KernelCases { get; set; }

    public List<string> Failures { get; } = [];

    public List<GoldenRow> Goldens { get; } = [];

    public Peaks? Peaks { get; set; }

    public List<LayerRow> Layers { get; } = [];

    /// <summary>Milliseconds a layer in PyTorch by tokens.</summary>
    private Dictionary<string, double> Torch { get; set; } = [];

    /// <summary>The file that torch_layers.py writes.</summary>
    public void ReadTorch(string path) => Torch = JsonSerializer.Deserialize<Dictionary<string, double>>(File.ReadAllBytes(path)) ?? [];

    public void Write(string folder)
    {
        // Infinity, where a result was NaN, is no JSON number.
        var goldens = Goldens.ConvertAll(row => row with { LargestDifference = double.IsFinite(row.LargestDifference) ? row.LargestDifference : -1, MeanCosine = double.IsFinite(row.MeanCosine) ? row.MeanCosine : -1 });
        File.WriteAllText(Path.Combine(folder, "gpu.json"), JsonSerializer.Serialize(new { device, shape, KernelCases, Failures, Goldens = goldens, Peaks, Layers, Torch }, Json) + "\n");
        File.WriteAllText(Path.Combine(folder, "gpu.md"), Table());
    }

    private string Table()
    {
        var text = new StringBuilder();
        Line(text, $"# {device}, shape {shape}");
        Line(text, $"");
        Line(text, $"{KernelCases} kernel cases, {Failures.Count} failures");
        foreach (var failure in Failures) Line(text, $"- {failure.ReplaceLineEndings(" ")}");
        if (Goldens.Count > 0)
        {
            Line(text, $"\n| checkpoint | precision | against | largest difference | mean cosine | routes apart |\n| --- | --- | --- | --- | --- | --- |");
            foreach (var row in Goldens) Line(text, $"| {row.Set} | {row.Precision} | {row.Against} | {row.LargestDifference:E2} | {row.MeanCosine:F6} | {row.RoutesApart} of {row.Routes} |");
        }
        if (Peaks is { } peaks)
            Line(text, $"\nPeaks of this run: {peaks.BytesASecond / 1e12:F2} TB/s copied, {peaks.BFloat16 / 1e12:F0} TFLOP/s bf16, {peaks.Fp8 / 1e12:F0} TFLOP/s FP8.");
        if (Layers.Count > 0)
        {
            Line(text, $"\n| precision | tokens | ms a layer | tokens/s a layer | roofline ms | share of it | PyTorch bf16 ms | embedding and pooling ms a pass |\n| --- | --- | --- | --- | --- | --- | --- | --- |");
            foreach (var row in Layers)
            {
                var torch = Torch.TryGetValue(row.Tokens.ToString(CultureInfo.InvariantCulture), out var milliseconds) ? milliseconds.ToString("F3", CultureInfo.InvariantCulture) : "–";
                Line(text, $"| {row.Precision} | {row.Tokens} | {row.Milliseconds:F3} | {row.Tokens / row.Milliseconds * 1e3:F0} | {row.RooflineMilliseconds:F3} | {row.RooflineMilliseconds / row.Milliseconds:P0} | {torch} | {row.AroundMilliseconds:F3} |");
            }
        }
        return text.ToString();
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}

/// <summary>A golden checkpoint at a precision.</summary>
internal sealed record GoldenRow(string Set, string Precision, string Against, double LargestDifference, double MeanCosine, int RoutesApart, int Routes);

/// <summary>A batch of so many tokens through one layer, and what comes before the first and behind the last.</summary>
internal sealed record LayerRow(string Precision, int Tokens, double Milliseconds, double AroundMilliseconds, double RooflineMilliseconds);
