using Recs.Domain;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Recs.Pipelines.Run;

/// <summary>Reads nodes of one YAML file; whatever is wrong is refused with file and line.</summary>
internal sealed class YamlPlace(string file)
{
    /// <summary>A pipeline is a page of text; more is a wrong file.</summary>
    private const long MostBytes = 1 << 20;

    /// <summary>Levels within levels: a pipeline needs four.</summary>
    private const int MostLevels = 16;

    /// <summary>The one document of the file.</summary>
    public YamlNode Load()
    {
        var info = new FileInfo(file);
        if (!info.Exists) throw new RefusedException($"there is no file {file}");
        if (info.Length > MostBytes) throw new RefusedException($"{file}: {info.Length} bytes, limit {MostBytes}");
        var text = File.ReadAllText(file);
        long line = 1;
        try
        {
            RefuseDepth(text, ref line);
            var stream = new YamlStream();
            using var reader = new StringReader(text);
            stream.Load(reader);
            return stream.Documents.Count == 1 ? stream.Documents[0].RootNode : throw Refuse(1, $"{stream.Documents.Count} YAML documents, expected one");
        }
        catch (YamlException wrong)
        {
            throw Refuse(wrong.Start.Line, $"not YAML: {(wrong.InnerException ?? wrong).Message.Split('\n')[0]}");
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or ArgumentException or FormatException)
        {
            // YamlDotNet's scanner meets some broken files, such as "a: [\nb: }", with its own assertion.
            throw Refuse(line, "not YAML from here on: a bracket or a quote is not closed");
        }
    }

    public RefusedException Refuse(long line, string what) => new($"{file}:{line}: {what}");

    public RefusedException Refuse(YamlNode node, string what) => Refuse(node.Start.Line, what);

    /// <summary>The entries of a mapping whose keys must be among <paramref name="known"/>; any key where it is empty.</summary>
    public IReadOnlyList<(string Key, YamlNode Value, int Line)> Entries(YamlNode node, string what, params string[] known)
    {
        if (node is not YamlMappingNode mapping) throw Refuse(node, $"{what} must be a mapping of names to values");
        List<(string, YamlNode, int)> entries = [];
        foreach (var (key, value) in mapping.Children)
        {
            var name = Text(key, $"a key of {what}");
            if (known.Length > 0 && !known.Contains(name)) throw Refuse(key, $"unknown key '{name}' of {what}; known are {string.Join(", ", known)}");
            entries.Add((name, value, (int)key.Start.Line));
        }
        return entries;
    }

    public IReadOnlyList<YamlNode> List(YamlNode node, string what) =>
        node is YamlSequenceNode { Children.Count: > 0 } list ? [.. list.Children] : throw Refuse(node, $"{what} must be a list of at least one entry");

    public string Text(YamlNode node, string what) =>
        node is YamlScalarNode { Value: { } text } ? text : throw Refuse(node, $"{what} must be one text or number");

    /// <summary>The event reader keeps its own stack; building nodes would use the thread's.</summary>
    private void RefuseDepth(string text, ref long line)
    {
        using var reader = new StringReader(text);
        var parser = new Parser(reader);
        var level = 0;
        while (parser.MoveNext())
        {
            // The stream and the document are levels of their own to the reader.
            level += parser.Current!.NestingIncrease;
            line = Math.Max(1, parser.Current.Start.Line);
            if (level > MostLevels + 2) throw Refuse(line, $"nested deeper than {MostLevels} levels");
        }
    }
}
