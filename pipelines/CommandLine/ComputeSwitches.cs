using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Recs.Embedder;

namespace Recs.Pipelines.CommandLine;

/// <summary>The switches of every verb that runs an embedding model: what computes, in what precision, where the weights are.</summary>
internal sealed class ComputeSwitches
{
    private readonly Option<string> _backend = new("--backend") { Description = "cpu, or cuda: an NVIDIA GPU; where none can be used the CPU takes over and says why.", DefaultValueFactory = _ => "cpu" };
    private readonly Option<int[]?> _devices = new("--devices") { Description = "With --backend cuda: GPUs that share the routed experts, by the driver's numbers (default 0).", HelpName = "N,N", CustomParser = ParseDevices };
    private readonly Option<string> _precision = new("--precision") { Description = "float32; bf16; fp8: inputs of FP8 weights rounded to FP8, token by token; fp8-experts: routed experts rounded to FP8 too, as they are loaded.", DefaultValueFactory = _ => "float32" };
    private readonly Option<string> _residency = new("--residency") { Description = "full: weights stay in memory; stream: they pass through it part by part; auto: as memory allows. Changes no bit.", DefaultValueFactory = _ => "auto" };
    private readonly Option<long?> _memory = new("--memory") { Description = "What weights and activations may take, such as 4GiB (default: what is free).", HelpName = "SIZE", CustomParser = ByteSize.ParseOption };
    private readonly Option<int> _threads = new("--threads") { Description = "Threads that compute; 0: one a core (default). They change no bit.", HelpName = "N" };

    public ComputeSwitches()
    {
        _backend.AcceptOnlyFromAmong("cpu", "cuda");
        _precision.AcceptOnlyFromAmong(Precisions.Names);
        _residency.AcceptOnlyFromAmong("auto", "full", "stream");
    }

    public IEnumerable<Option> All => [_backend, _devices, _precision, _residency, _memory, _threads];

    /// <summary>The choices made. What takes over from what was asked for is said on standard error.</summary>
    public EmbedderOptions Read(ParseResult parsed) => new()
    {
        Backend = parsed.GetValue(_backend) == "cuda" ? Backend.Cuda : Backend.Cpu,
        Devices = parsed.GetValue(_devices) is { Length: > 0 } devices ? devices : null,
        Precision = Precisions.Of(parsed.GetRequiredValue(_precision)),
        Residency = parsed.GetValue(_residency) switch { "full" => Residency.Full, "stream" => Residency.Stream, _ => Residency.Auto },
        MemoryBytes = parsed.GetValue(_memory),
        Threads = parsed.GetValue(_threads),
        Notice = Console.Error.WriteLine,
    };

    private static int[]? ParseDevices(ArgumentResult result)
    {
        List<int> numbers = [];
        foreach (var word in result.Tokens.SelectMany(token => token.Value.Split(',')))
        {
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && !numbers.Contains(number)) numbers.Add(number);
            else result.AddError($"--devices: '{word}' is no number of a GPU, or named twice; write 0,1");
        }
        return [.. numbers];
    }
}
