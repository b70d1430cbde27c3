using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Recs.Domain;
using Recs.Domain.Wire;
using Recs.Storage;

namespace Recs.Pipelines.DeadLetters;

/// <summary>Which dead letters a verb means: the same options for each verb below <c>dlq</c>.</summary>
internal sealed class DeadLetterFilterOptions
{
    private readonly Option<string?> _topic = new("--topic") { Description = "Only of this topic.", HelpName = "NAME" };
    private readonly Option<int?> _partition = new("--partition") { Description = "Only of this partition.", HelpName = "N" };
    private readonly Option<long?> _offset = new("--offset") { Description = "Only the one at this offset.", HelpName = "N" };
    private readonly Option<string?> _reason = new("--reason") { Description = $"Only those refused for this reason: {string.Join(", ", Names<RejectionReason>())}." };
    private readonly Option<string?> _since = new("--since") { Description = "Only with a Kafka timestamp of this moment or later, as ISO 8601 (UTC where no zone is given).", HelpName = "TIME" };
    private readonly Option<string?> _until = new("--until") { Description = "Only with a Kafka timestamp before this moment.", HelpName = "TIME" };
    private readonly Option<string> _state;

    /// <param name="state">The default of <c>--state</c>.</param>
    /// <param name="states">What else it may be.</param>
    public DeadLetterFilterOptions(string state, params string[] states)
    {
        _state = new("--state") { Description = $"Only those in this state: {string.Join(", ", states.Prepend(state))}.", DefaultValueFactory = _ => state };
        _state.AcceptOnlyFromAmong([state, .. states]);
        _reason.AcceptOnlyFromAmong([.. Names<RejectionReason>()]);
        foreach (var option in new[] { _since, _until })
            option.Validators.Add(result =>
            {
                if (result.Tokens is [{ Value: var text }] && Timestamp.Parse(text) is null) result.AddError($"{option.Name} is '{text}', not a time such as 2024-03-01T00:00:00Z");
            });
    }

    public IEnumerable<Option> All => [_topic, _partition, _offset, _reason, _since, _until, _state];

    /// <summary>Whether anything but the state narrows the choice.</summary>
    public bool IsNarrow(CommandResult result) => new Option[] { _topic, _partition, _offset, _reason, _since, _until }.Any(option => result.GetResult(option) is { Implicit: false });

    public DeadLetterFilter Of(ParseResult parsed) => new()
    {
        Topic = parsed.GetValue(_topic),
        Partition = parsed.GetValue(_partition),
        Offset = parsed.GetValue(_offset),
        Reason = Named<RejectionReason>(parsed.GetValue(_reason)),
        Since = Timestamp.Parse(parsed.GetValue(_since)),
        Until = Timestamp.Parse(parsed.GetValue(_until)),
        State = Named<DeadLetterState>(parsed.GetValue(_state)),
    };

    /// <summary>A value's name on the command line and in JSON.</summary>
    public static string Name<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static IEnumerable<string> Names<T>() where T : struct, Enum => Enum.GetValues<T>().Select(Name);

    private static T? Named<T>(string? name) where T : struct, Enum => Enum.GetValues<T>().Where(value => Name(value) == name).Select(value => (T?)value).FirstOrDefault();
}
