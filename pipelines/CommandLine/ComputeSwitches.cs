using System.CommandLine;
using Recs.Domain;
using Recs.Embedder;

namespace Recs.Pipelines.CommandLine;

/// <summary>The switches of every verb that runs an embedding model: what computes, in what precision, where the weights are.</summary>
internal sealed class ComputeSwitches
{
    private readonly Option<string> _backend = new("--backend") { Description = "What computes.", DefaultValueFactory = _ => "cpu" };
    private readonly Option<string> _precision = new("--precision") { Description = "float32, or fp8: inputs of FP8 weights rounded to FP8, token by token.", DefaultValueFactory = _ => "float32" };
    private readonly Option<string> _residency = new("--residency") { Description = "full: weights stay in memory; stream: they pass through it part by part; auto: as memory allows. Changes no bit.", DefaultValueFactory = _ => "auto" };
    private readonly Option<long?> _memory = new("--memory") { Description = "What weights and activations may take, such as 4GiB (default: what is free).", HelpName = "SIZE", CustomParser = ByteSize.ParseOption };
    private readonly Option<int> _threads = new("--threads") { Description = "Threads that compute; 0: one a core (default). They change no bit.", HelpName = "N" };

    public ComputeSwitches()
    {
        _backend.AcceptOnlyFromAmong("cpu", "cuda");
        _precision.AcceptOnlyFromAmong("float32", "fp8");
        _residency.AcceptOnlyFromAmong("auto", "full", "stream");
    }

    public IEnumerable<Option> All => [_backend, _precision, _residency, _memory, _threads];

    /// <summary>The choices made.</summary>
    /// <exception cref="RefusedException">The backend is not there.</exception>
    public EmbedderOptions Read(ParseResult parsed)
    {
        if (parsed.GetValue(_backend) == "cuda") throw new RefusedException("--backend cuda is not built into this version; use --backend cpu");
        return new EmbedderOptions
        {
            Precision = parsed.GetValue(_precision) == "fp8" ? Precision.Fp8Activations : Precision.Float32,
            Residency = parsed.GetValue(_residency) switch { "full" => Residency.Full, "stream" => Residency.Stream, _ => Residency.Auto },
            MemoryBytes = parsed.GetValue(_memory),
            Threads = parsed.GetValue(_threads),
        };
    }
}
