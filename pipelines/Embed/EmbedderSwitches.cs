using System.CommandLine;
using System.Text.RegularExpressions;
using Recs.Domain;
using Recs.Embedder;
using Recs.Pipelines.CommandLine;

namespace Recs.Pipelines.Embed;

/// <summary>The switches that say with what and how texts are embedded.</summary>
internal sealed partial class EmbedderSwitches
{
    private readonly Option<DirectoryInfo> _model = new("--model") { Description = "Model folder: config.json, safetensors, tokenizer.", HelpName = "DIR", Required = true };
    private readonly ComputeSwitches _compute = new();
    private readonly Option<int?> _layer = new("--layer") { Description = "Hidden state to pool: 0 = token embeddings, the number of layers = after the final norm (default).", HelpName = "N" };
    private readonly Option<string?> _pooling = new("--pooling") { Description = "mean or last (default: what the model folder says)." };
    private readonly Option<int?> _maxTokens = new("--max-tokens") { Description = "Tokens of a text that are used; the rest is cut off (default: the folder's max_seq_length, or 512).", HelpName = "N" };
    private readonly Option<string?> _template = new("--template")
    {
        Description = "How a text is made, with the names of fields in braces. Files have {id} and {text} (default: {text}); items have {title}, {body}, {category}, {author} and {tags} "
            + "(default: {title}, as the demo's shop has it).",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _case = new("--case") { Description = "keep or lower: the case of the made text (default: keep for files, lower for items, as the demo does)." };

    public EmbedderSwitches()
    {
        _pooling.AcceptOnlyFromAmong("mean", "last");
        _case.AcceptOnlyFromAmong("keep", "lower");
    }

    public IEnumerable<Option> All => [_model, _layer, _pooling, _maxTokens, _template, _case, .. _compute.All];

    /// <summary>Loads the embedder for texts whose fields are <paramref name="fields"/>.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="fields">What a template may name.</param>
    /// <param name="template">The pattern where none is given.</param>
    /// <param name="lowerCase">The case where none is given.</param>
    /// <exception cref="RefusedException">A switch is not supported or out of range, or the model cannot be loaded.</exception>
    public Llama4Embedder Load(ParseResult parsed, IReadOnlyCollection<string> fields, string template, bool lowerCase)
    {
        var compute = _compute.Read(parsed);
        var pattern = parsed.GetValue(_template) ?? template;
        var made = new EmbeddingTemplate(pattern, parsed.GetValue(_case) switch { "keep" => false, "lower" => true, _ => lowerCase });
        // A name that no text has would be as if it were empty everywhere, without a word.
        if (Field().Matches(pattern).Select(match => match.Groups[1].Value).FirstOrDefault(name => !fields.Contains(name)) is { } unknown)
            throw new RefusedException($"--template '{pattern}': there is no field {{{unknown}}} here; there are {string.Join(", ", fields.Select(name => $"{{{name}}}"))}");
        return Llama4Embedder.Load(parsed.GetRequiredValue(_model).FullName, compute with
        {
            Layer = parsed.GetValue(_layer),
            Pooling = parsed.GetValue(_pooling) switch { "mean" => Pooling.Mean, "last" => Pooling.Last, _ => null },
            MaxTokens = parsed.GetValue(_maxTokens),
            Template = made,
        });
    }

    [GeneratedRegex(@"\{([^{}]+)\}")]
    private static partial Regex Field();
}
