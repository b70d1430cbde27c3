using System.Text.Json;
using Recs.Api.Contracts;
using Recs.Api.Decisions;
using Recs.Api.Live;
using Recs.Api.Ranking;
using Recs.Api.Serving;
using Recs.Domain.Decisions;
using Recs.Domain.Wire;
using Recs.Ranker.Slates;

namespace Recs.Api.Endpoints;

/// <summary><c>GET /v1/decisions/{id}</c>: what was answered, why, and whether it comes out the same again.</summary>
internal sealed class DecisionsEndpoint(IDecisionLedger? ledger, LiveState live)
{
    public IResult Answer(string id, HttpContext http)
    {
        if (id.Length > EventLimits.NameLength) throw RefusedRequest.Invalid($"the decision's id has {id.Length} characters, limit {EventLimits.NameLength}");
        if (ledger is null) throw new RefusedRequest(StatusCodes.Status404NotFound, "not found", "this server keeps no decisions; start it with a ledger");
        if (ledger.Find(id) is not { } kept)
            throw new RefusedRequest(StatusCodes.Status404NotFound, "not found", $"there is no decision '{id[..Math.Min(id.Length, 60)]}' here: it was never made, is not kept yet, or has left with its day or its user");
        return Results.Json(Described(kept, http.Request.Query["replay"] == "1"), ApiJson.Default.DecisionAnswer);
    }

    private DecisionAnswer Described(Decision kept, bool replay)
    {
        IReadOnlyList<RemovedCandidate> removed = [];
        IReadOnlyList<DecisionContender> contenders = [];
        DecisionReplayAnswer? replayed = null;
        if (kept.Inputs.Length == 0) replayed = new(null, "the record is empty: the inputs of this decision were not kept", null);
        else
        {
            var (inputs, policy) = SlateRecord.Unpack(kept.Inputs);
            using (inputs)
            {
                removed = [.. inputs.Removed.Select(removal => new RemovedCandidate(removal.Item.Value, WireNames.Of(removal.Reason), removal.Detail))];
                contenders = Contenders(inputs);
                if (replay) replayed = Replayed(kept, inputs, policy);
            }
        }
        return new(kept.Id, kept.Request.Value, kept.Time.ToString(), kept.User.Value, kept.Surface, new(kept.Versions.Model, kept.Versions.Embedding, kept.Versions.Policy), kept.Versions.Code, kept.Degraded,
            kept.Experiments.Length == 0 ? null : kept.Experiments, kept.Candidates, JsonDocument.Parse(kept.Answer).RootElement, removed, contenders, replay ? replayed : null);
    }

    private static List<DecisionContender> Contenders(SlateInputs inputs)
    {
        var contenders = new List<DecisionContender>(inputs.Contenders.Length);
        foreach (ref readonly var contender in inputs.Contenders)
            contenders.Add(new(contender.Id.Value, contender.AgeSeconds, contender.IsNew, contender.Ad is { } ad ? new(ad.Advertiser.Value, ad.Per.ToString().ToLowerInvariant(), ad.MostMicros) : null));
        return contenders;
    }

    private DecisionReplayAnswer Replayed(Decision kept, SlateInputs inputs, SlatePolicy policy)
    {
        try
        {
            var (answer, equal) = DecisionRecord.Replay(kept, live.Model, inputs, policy);
            return new(equal, equal ? null : "the answer made now differs", equal ? null : JsonDocument.Parse(answer).RootElement);
        }
        catch (InvalidDataException cannot)
        {
            return new(null, cannot.Message, null);
        }
    }
}
