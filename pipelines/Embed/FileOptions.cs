using System.CommandLine;
using System.CommandLine.Parsing;
using Recs.Pipelines.Embed.Files;

namespace Recs.Pipelines.Embed;

/// <summary>The switches of <c>recs embed</c> from a file to a file.</summary>
internal sealed class FileOptions
{
    private const int MostBlockTexts = 1_000_000;

    private readonly Option<FileInfo?> _input = new("--input")
    {
        Description = ".jsonl: {\"id\",\"text\"} a line; .txt: one text a line, whose id is its line number from 1; .arrow (Arrow IPC file) or .parquet: columns id and text.",
        HelpName = "FILE",
    };

    private readonly Option<FileInfo?> _output = new("--output")
    {
        Description = ".arrow (Arrow IPC file) or .parquet: id, text_hash, vector, signature; the embedding version is in the metadata. Until it is whole, its blocks are in FILE.partial: "
            + "the same command, started again, goes on from there.",
        HelpName = "FILE",
    };

    private readonly Option<int> _block = new("--block") { Description = "Texts that are embedded and kept together: what a killed run loses at most.", HelpName = "N", DefaultValueFactory = _ => 4_096 };

    public FileOptions() => _block.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<int>() is var texts && texts is < 1 or > MostBlockTexts) result.AddError($"--block {texts} is out of range: 1 to {MostBlockTexts}");
    });

    public IEnumerable<Option> All => [_input, _output, _block];

    public FileInfo Input(ParseResult parsed) => parsed.GetValue(_input)!;

    public FileInfo Output(ParseResult parsed) => parsed.GetValue(_output)!;

    public int BlockTexts(ParseResult parsed) => parsed.GetValue(_block);

    /// <summary>Whether any of them names a file.</summary>
    public bool AreNamed(CommandResult result) => result.GetValue(_input) is not null || result.GetValue(_output) is not null;

    /// <summary>Adds what is wrong with them to the errors of usage.</summary>
    public void Check(CommandResult result)
    {
        if (result.GetValue(_input) is null || result.GetValue(_output) is not { } output) result.AddError("--input FILE and --output FILE go together");
        else if (VectorFile.Of(output) is null) result.AddError($"--output {output.Name}: the ending says neither .arrow nor .parquet");
    }
}
