using Recs.Api.Contracts;
using Recs.Api.Ranking;
using Recs.Domain.Decisions;
using Recs.Ranker.Model;
using Recs.Ranker.Slates;

namespace Recs.Api.Decisions;

/// <summary>From an answered ranking to what the ledger keeps of it, and back to the answer.</summary>
public static class DecisionRecord
{
    /// <summary>The decision as kept: with the answer's own bytes and all that it was composed from.</summary>
    internal static Decision Of(RankedDecision decision)
    {
        var slate = decision.Slate;
        return new()
        {
            Id = decision.Id,
            Request = decision.RequestId,
            Time = decision.Request.Now,
            User = decision.Request.User,
            Surface = decision.Request.Surface,
            Versions = new(decision.Composer.Model.Version, decision.EmbeddingVersion, decision.PolicyVersion, CodeVersion.Current),
            Degraded = StepNames.Of(decision),
            Experiments = string.Join(',', (decision.Experiments ?? System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty).Select(arm => $"{arm.Key}={arm.Value}")),
            Candidates = decision.Inputs.Candidates,
            Places = [.. slate.Entries.Select(entry => new DecidedPlace(entry.Position, entry.Item, entry.Ad is not null, entry.Score, entry.Propensity, entry.Ad?.Advertiser, entry.Ad?.EcpmMicros ?? 0, entry.Ad?.PriceMicros ?? 0))],
            Removed = decision.Inputs.Removed.CountBy(removal => removal.Reason).ToDictionary(pair => WireNames.Of(pair.Key), pair => pair.Value),
            Answer = decision.Body,
            Inputs = SlateRecord.Pack(decision.Inputs, decision.Composer.Policy),
        };
    }

    /// <summary>Makes a decision again from its record and compares the answers, byte for byte.</summary>
    /// <param name="kept">As it was kept.</param>
    /// <param name="model">The model of <see cref="DecisionVersions.Model"/>.</param>
    /// <returns>The answer made now, and whether it is the one that was given.</returns>
    /// <exception cref="InvalidDataException">The record is damaged or was not kept, or the model is another one.</exception>
    public static (byte[] Answer, bool IsEqual) Replay(Decision kept, RankerModel model)
    {
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(model);
        var (inputs, policy) = SlateRecord.Unpack(kept.Inputs);
        using (inputs) return Replay(kept, model, inputs, policy);
    }

    /// <summary>The same from inputs that are unpacked already; they stay the caller's.</summary>
    internal static (byte[] Answer, bool IsEqual) Replay(Decision kept, RankerModel model, SlateInputs inputs, SlatePolicy policy)
    {
        if (model.Version != kept.Versions.Model) throw new InvalidDataException($"it was made with model {kept.Versions.Model}, not {model.Version}; name that model's folder");
        var composer = new SlateComposer(model, policy);
        var again = new RankedDecision
        {
            Id = kept.Id,
            RequestId = kept.Request,
            Inputs = inputs,
            Composer = composer,
            Slate = composer.Compose(inputs),
            PolicyVersion = policy.Version,
            EmbeddingVersion = kept.Versions.Embedding,
            Experiments = kept.Experiments.Length == 0 ? null : kept.Experiments.Split(',').Select(arm => arm.Split('=', 2)).ToDictionary(arm => arm[0], arm => arm[1], StringComparer.Ordinal),
            Queued = TimeSpan.Zero,
            Took = TimeSpan.Zero,
        };
        return (again.Body, again.Body.AsSpan().SequenceEqual(kept.Answer));
    }
}
