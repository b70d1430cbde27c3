using Recs.Domain;
using Recs.Embedder.Checkpoint;

namespace Recs.Embedder.Tokenizer;

/// <summary>What a tokenizer.json's post-processor puts before and after a text: for Llama 4 the begin-of-text token and nothing.</summary>
internal static class TokenizerTemplate
{
    /// <exception cref="RefusedException">The post-processor is of a kind that is not applied here.</exception>
    public static (int[] Prefix, int[] Suffix) Read(JsonFields root)
    {
        if (root.Object("post_processor") is not { } processor) return ([], []);
        var steps = processor.Text("type") == "Sequence" ? processor.Objects("processors") : [processor];
        (int[], int[]) read = ([], []);
        foreach (var step in steps)
        {
            // ByteLevel only moves offsets, which nobody asks for here.
            if (step.Text("type") == "TemplateProcessing") read = ReadTemplate(step);
            else if (step.Text("type") is var type and not "ByteLevel") throw root.Refuse("post_processor.type", type ?? "missing", "TemplateProcessing or ByteLevel");
        }
        return read;
    }

    private static (int[] Prefix, int[] Suffix) ReadTemplate(JsonFields template)
    {
        var ids = template.Object("special_tokens") ?? throw template.Missing("post_processor.special_tokens");
        List<int> prefix = [], suffix = [];
        var texts = 0;
        foreach (var part in template.Objects("single"))
        {
            if (part.Object("Sequence") is not null) texts++;
            else if (part.Object("SpecialToken")?.Text("id") is { } name)
                (texts == 0 ? prefix : suffix).AddRange(ids.Object(name)?.Wholes("ids") ?? throw ids.Missing($"post_processor.special_tokens[\"{name}\"].ids"));
        }
        if (texts != 1) throw template.Refuse("post_processor.single", $"a template with {texts} texts", "one text");
        return ([.. prefix], [.. suffix]);
    }
}
