using System.Text.Json;
using Recs.Api.Contracts;
using Recs.Api.Endpoints;
using Recs.Domain;
using Recs.Ranker.Slates;

namespace Recs.Api.Ranking;

/// <summary>One answered ranking, with all it was made from. Dispose of it once, for its inputs are pooled.</summary>
public sealed class RankedDecision : IDisposable
{
    private byte[]? _body;

    /// <summary>"d" and the id of the answer.</summary>
    public required string Id { get; init; }

    /// <summary>"r" and the id of the answer: what events that follow name.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>What was asked, with the step of the ladder that answered.</summary>
    public RankRequest Request => Inputs.Request;

    /// <summary>What the state said.</summary>
    public required SlateInputs Inputs { get; init; }

    /// <summary>The model and the policy: composing the inputs with it again gives the slate again.</summary>
    public required SlateComposer Composer { get; init; }

    /// <summary>The answer.</summary>
    public required Slate Slate { get; init; }

    /// <summary>The version of the policy, experiments' settings among it.</summary>
    public required string PolicyVersion { get; init; }

    /// <summary>The version of the vectors, or "none".</summary>
    public required string EmbeddingVersion { get; init; }

    /// <summary>The experiments' arms, by layer; null where the user is in none.</summary>
    public IReadOnlyDictionary<string, string>? Experiments { get; init; }

    /// <summary>How long the request waited for a place to rank in.</summary>
    public required TimeSpan Queued { get; init; }

    /// <summary>From the request, once its body was read, to the slate.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>The answer as it goes out over HTTP and into the ledger, UTF-8 JSON; made once, when it is first asked for.</summary>
    internal byte[] Body => _body ??= JsonSerializer.SerializeToUtf8Bytes(RankEndpoint.Answer(this), ApiJson.Default.RankAnswer);

    /// <inheritdoc/>
    public void Dispose() => Inputs.Dispose();
}
