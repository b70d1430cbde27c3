using System.CommandLine;
using System.Globalization;
using Recs.Domain;
using Recs.Embedder;
using Recs.Embedder.Planning;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Plan;

/// <summary>The options of <c>recs plan</c>.</summary>
internal sealed class PlanOptions
{
    /// <summary>Of a text whose length nobody gave: a title and a few sentences.</summary>
    private const int TypicalTokens = 128;

    private readonly Option<DirectoryInfo?> _model = new("--model") { Description = "Checkpoint folder: only config.json and the headers of its files are read.", HelpName = "DIR" };
    private readonly Option<FileInfo?> _config = new("--config") { Description = "A config.json alone, of a checkpoint that is not here.", HelpName = "FILE" };
    private readonly Option<long?> _memory = new("--memory") { Description = "What weights and activations may take, such as 16GiB (default: what the process may use).", HelpName = "SIZE", CustomParser = ByteSize.ParseOption };
    private readonly Option<string> _backend = new("--backend") { Description = "What computes; cuda: the memory is a GPU's.", DefaultValueFactory = _ => "cpu" };
    private readonly Option<string> _precision = new("--precision") { Description = "With --backend cuda: what the products compute with, which decides what weights take there.", DefaultValueFactory = _ => "bf16" };
    private readonly Option<int> _gpus = new("--gpus") { Description = "With --backend cuda: GPUs that share the routed experts.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<long> _tokens = new("--tokens") { Description = "Tokens to embed.", HelpName = "N", DefaultValueFactory = _ => 1_000_000 };
    private readonly Option<long?> _texts = new("--texts") { Description = $"Texts that the tokens are in (default: one for every {TypicalTokens} tokens).", HelpName = "N" };
    private readonly Option<string?> _format = new("--dtype") { Description = "With --config: how the weights are stored (default bf16; fp8: routed experts in FP8, the rest in bf16).", HelpName = "bf16|fp32|fp8" };
    private readonly Option<double?> _disk = new("--disk-rate") { Description = "MB/s of reading the checkpoint (default: measured).", HelpName = "MB/s" };
    private readonly Option<double?> _flops = new("--flop-rate") { Description = "GFLOP/s of the forward pass (default: measured).", HelpName = "GFLOP/s" };
    private readonly Option<FileInfo?> _json = Verb.JsonOption();

    public PlanOptions()
    {
        _format.AcceptOnlyFromAmong("bf16", "fp32", "fp8");
        _backend.AcceptOnlyFromAmong("cpu", "cuda");
        _precision.AcceptOnlyFromAmong(Precisions.Names);
        Positive(_gpus);
        Positive(_tokens);
        Positive(_texts);
        Positive(_disk);
        Positive(_flops);
    }

    /// <summary>In the order of the help.</summary>
    public IEnumerable<Option> All => [_model, _config, _memory, _backend, _precision, _gpus, _tokens, _texts, _format, _disk, _flops, _json];

    public FileInfo? Json(ParseResult parsed) => parsed.GetValue(_json);

    /// <exception cref="RefusedException">Neither or both of --model and --config, or what they name is no Llama 4 text model.</exception>
    public (CheckpointPlan Plan, string Source, string StoredAs) Checkpoint(ParseResult parsed)
    {
        var (model, config, format) = (parsed.GetValue(_model), parsed.GetValue(_config), parsed.GetValue(_format));
        if (model is null == config is null) throw new RefusedException("give either --model DIR or --config FILE");
        if (model is not null && format is not null) throw new RefusedException($"--dtype {format} goes with --config; the files of --model say themselves how they are stored");
        return model is not null
            ? (CheckpointPlan.OfFolder(model.FullName), model.FullName, "as its headers say")
            : (CheckpointPlan.OfConfig(config!.FullName, StoredAs(format)), config.FullName, format ?? "bf16");
    }

    /// <summary>What the checkpoint takes where it would run, and how many micro-batches are computed at once there.</summary>
    public (MemoryNeed Need, int Lanes) Need(ParseResult parsed, CheckpointPlan checkpoint) => IsOnGpu(parsed)
        ? (checkpoint.OnGpus(Precisions.Of(parsed.GetRequiredValue(_precision)), parsed.GetValue(_gpus)), 1)
        : (checkpoint.Memory, Environment.ProcessorCount);

    /// <summary>Rates that were not given are measured: the disk on the largest file of the checkpoint, where there is one.</summary>
    /// <exception cref="RefusedException">More texts than tokens, or a rate that cannot be measured.</exception>
    public (long Memory, long Tokens, long Texts, MeasuredRate Disk, MeasuredRate Flops) Run(ParseResult parsed, TimeProvider clock, CancellationToken cancel)
    {
        var tokens = parsed.GetValue(_tokens);
        var texts = parsed.GetValue(_texts) ?? (tokens + TypicalTokens - 1) / TypicalTokens;
        if (texts > tokens) throw new RefusedException($"--texts {texts} is more than --tokens {tokens}; each text has at least one token");
        if (IsOnGpu(parsed) && parsed.GetValue(_flops) is null) throw new RefusedException("--backend cuda needs --flop-rate GFLOP/s: only this machine's cores are measured here");
        var memory = parsed.GetValue(_memory) ?? (IsOnGpu(parsed) ? GpuBytes() : AvailableMemory.Bytes());
        var flops = parsed.GetValue(_flops) is { } gigas ? MeasuredRate.Given(gigas * 1e9) : ComputeRate.Measure(clock, cancel);
        return (memory, tokens, texts, parsed.GetValue(_disk) is { } megas ? MeasuredRate.Given(megas * 1e6) : MeasureDisk(parsed.GetValue(_model), clock), flops);
    }

    private bool IsOnGpu(ParseResult parsed) => parsed.GetValue(_backend) == "cuda";

    /// <exception cref="RefusedException">There is no GPU here to ask.</exception>
    private static long GpuBytes() => Gpus.Find() is { Devices: [var first, ..] }
        ? first.FreeBytes
        : throw new RefusedException("--backend cuda finds no GPU whose memory could be asked for; say how much it has with --memory SIZE (recs doctor says what is missing)");

    private static MeasuredRate MeasureDisk(DirectoryInfo? model, TimeProvider clock) => model?.EnumerateFiles("*.safetensors").MaxBy(file => file.Length) is { } largest
        ? DiskRate.Of(largest.FullName, clock)
        : DiskRate.OfTemporaryFile(clock);

    private static StoredAs StoredAs(string? format) => format switch
    {
        "fp32" => Embedder.Planning.StoredAs.Float32,
        "fp8" => Embedder.Planning.StoredAs.Fp8Experts,
        _ => Embedder.Planning.StoredAs.BFloat16,
    };

    private static void Positive<T>(Option<T> option) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var value) && !(value > 0 && double.IsFinite(value)))
            result.AddError($"{option.Name} is {result.Tokens[0].Value}; expected more than 0");
    });
}
