using System.CommandLine;
using Recs.Domain;
using Recs.Embedder;
using Recs.Pipelines.Bench.Recipes;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Bench;

/// <summary>The options of <c>recs bench embed</c>.</summary>
internal sealed class EmbedBenchOptions
{
    /// <summary>Of a recipe's texts: some 20 s a run of <c>medium</c> on two cores.</summary>
    private const int DefaultTokens = 4096;

    /// <summary>Of the comparison with streaming: enough to make reading the checkpoint worth while.</summary>
    private const int DefaultStreamingTokens = 16_384;

    private readonly Option<DirectoryInfo?> _model = new("--model") { Description = "Measure this model alone, on the titles of the bundled catalogue.", HelpName = "DIR" };
    private readonly Option<string?> _recipe = new("--recipe") { Description = "Measure this made-up checkpoint alone (small: 270 MB, medium: 1.6 GB), on random tokens.", HelpName = string.Join('|', RecipePreset.All.Select(preset => preset.Name)) };
    private readonly Option<string> _backend = new("--backend") { Description = "What computes; the peak it is compared with is always this processor's.", HelpName = "cpu|cuda", DefaultValueFactory = _ => "cpu" };
    private readonly Option<string> _precision = new("--precision") { Description = "What the products compute with.", HelpName = string.Join('|', Precisions.Names), DefaultValueFactory = _ => "float32" };
    private readonly Option<int> _threads = new("--threads") { Description = "Threads that compute (default 0: one a core).", HelpName = "N" };
    private readonly Option<int> _runs = new("--runs") { Description = "Timed runs, of which the median is taken.", HelpName = "N", DefaultValueFactory = _ => 5 };
    private readonly Option<int?> _tokens = new("--tokens") { Description = $"Tokens of a recipe's texts (default {DefaultTokens}; with --streaming {DefaultStreamingTokens}).", HelpName = "N" };
    private readonly Option<string> _residency = new("--residency") { Description = "Whether weights stay in memory or pass through it.", HelpName = "auto|full|stream", DefaultValueFactory = _ => "auto" };
    private readonly Option<long?> _memory = new("--memory") { Description = "What weights and activations may take, such as 16GiB (default: what the process may use; with --streaming a third of the checkpoint).", HelpName = "SIZE", CustomParser = ByteSize.ParseOption };
    private readonly Option<bool> _streaming = new("--streaming") { Description = "Compare weights that pass through memory with weights that stay there, each in a process of its own." };
    private readonly Option<DirectoryInfo?> _work = new("--work") { Description = "Keep recipes' checkpoints here (default: a temporary folder, deleted afterwards).", HelpName = "DIR" };
    private readonly Option<FileInfo?> _json = Verb.JsonOption();

    public EmbedBenchOptions()
    {
        _recipe.AcceptOnlyFromAmong([.. RecipePreset.All.Select(preset => preset.Name)]);
        _residency.AcceptOnlyFromAmong("auto", "full", "stream");
        _backend.AcceptOnlyFromAmong("cpu", "cuda");
        _precision.AcceptOnlyFromAmong(Precisions.Names);
        Within(_threads, 0, 1024);
        Within(_runs, 1, 1000);
        Within(_tokens, 1, 1 << 24);
    }

    /// <summary>In the order of the help.</summary>
    public IEnumerable<Option> All => [_model, _recipe, _backend, _precision, _threads, _runs, _tokens, _residency, _memory, _streaming, _work, _json];

    /// <exception cref="RefusedException">Options that do not go together.</exception>
    public EmbedBenchChoice Read(ParseResult parsed)
    {
        var (model, recipe, streaming) = (parsed.GetValue(_model), parsed.GetValue(_recipe), parsed.GetValue(_streaming));
        if (model is not null && (recipe is not null || streaming)) throw new RefusedException("--model goes with neither --recipe nor --streaming; give one of them");
        if (streaming && (parsed.GetValue(_backend) == "cuda" || parsed.GetValue(_precision) != "float32")) throw new RefusedException("--streaming compares float32 on the CPU; leave --backend and --precision out");
        var threads = parsed.GetValue(_threads);
        var embedder = new EmbedderOptions
        {
            Threads = threads == 0 ? Environment.ProcessorCount : threads,
            Backend = parsed.GetValue(_backend) == "cuda" ? Backend.Cuda : Backend.Cpu,
            Precision = Precisions.Of(parsed.GetRequiredValue(_precision)),
            Notice = Console.Error.WriteLine,
            MaxTokens = EmbedWorkload.MaxTokens,
            Residency = Enum.Parse<Residency>(parsed.GetRequiredValue(_residency), ignoreCase: true),
            MemoryBytes = parsed.GetValue(_memory),
        };
        return new EmbedBenchChoice(model?.FullName, recipe, embedder, parsed.GetValue(_runs), parsed.GetValue(_tokens) ?? (streaming ? DefaultStreamingTokens : DefaultTokens),
            streaming, parsed.GetValue(_work)?.FullName, parsed.GetValue(_json));
    }

    private static void Within<T>(Option<T> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, out var value) && (value < least || value > most))
            result.AddError($"{option.Name} is {result.Tokens[0].Value}, range {least} to {most}");
    });
}
