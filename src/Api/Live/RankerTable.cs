using Recs.Api.Experiments;
using Recs.Domain;
using Recs.Features.Affinity;
using Recs.Features.Embedding;
using Recs.Ranker.Model;
using Recs.Ranker.Slates;

namespace Recs.Api.Live;

/// <summary>A model with the vectors it was trained with.</summary>
/// <param name="Model">The heads.</param>
/// <param name="Vectors">Vectors of the model's version; null where there are none.</param>
public sealed record ServedModel(RankerModel Model, ItemVectors? Vectors)
{
    /// <exception cref="RefusedException">The vectors are of another version than the model was trained with.</exception>
    internal ServedModel Checked() => Vectors is null || Vectors.Version == Model.EmbeddingVersion ? this
        : throw new RefusedException($"model {Model.Version} was trained with vectors of version {Model.EmbeddingVersion}, not {Vectors.Version}; embed with that version, or train anew");
}

/// <summary>
/// The rankers of one moment: the live one and those of the experiments' combinations. Replaced whole, so that a ranking ends with what it began with;
/// only the tables they read, of affinity and of vectors, change in place, while no ranking gathers.
/// </summary>
internal sealed class RankerTable
{
    private readonly LiveRanker[] _byCombination;

    /// <param name="make">Makes a ranker over the state.</param>
    /// <param name="live">The model in use.</param>
    /// <param name="policy">The policy in use.</param>
    /// <param name="experiments">What is tried beside them.</param>
    /// <param name="models">The models that the experiments name.</param>
    /// <param name="affinity">The table of the week.</param>
    /// <param name="clock">For what is learnt of the rankers' speed.</param>
    /// <exception cref="RefusedException">A value of a policy is out of its range, or a model is not among those given.</exception>
    public RankerTable(Func<RankerModel, SlatePolicy, SlateRanker> make, ServedModel live, SlatePolicy policy, ExperimentSet experiments,
        IReadOnlyDictionary<string, ServedModel> models, AffinityTable? affinity, TimeProvider clock)
    {
        (Live, Policy, Experiments, Models, Affinity) = (live, policy, experiments, models, affinity);
        _byCombination = new LiveRanker[experiments.Rankers];
        for (var number = 0; number < _byCombination.Length; number++)
        {
            var arms = experiments.ArmsOf(number);
            var model = arms.Select(pair => pair.Arm.Model).OfType<string>().FirstOrDefault() is { } name
                ? models.GetValueOrDefault(name)?.Checked() ?? throw new RefusedException($"experiments: there is no model '{name}'; known are {string.Join(", ", models.Keys.Order(StringComparer.Ordinal))}")
                : live;
            var ranker = make(model.Model, arms.Aggregate(policy, (changed, pair) => pair.Arm.Applied(changed)));
            (ranker.Vectors, ranker.Affinity) = (model.Vectors, affinity);
            _byCombination[number] = new(ranker, arms, clock);
        }
    }

    public ServedModel Live { get; private set; }

    public SlatePolicy Policy { get; }

    public ExperimentSet Experiments { get; }

    public IReadOnlyDictionary<string, ServedModel> Models { get; private set; }

    public AffinityTable? Affinity { get; private set; }

    /// <summary>The ranker of who is in no arm.</summary>
    public LiveRanker Default => _byCombination[0];

    public LiveRanker Of(UserId user) => Experiments.Layers.Count == 0 ? Default : _byCombination[Experiments.CombinationOf(user)];

    /// <summary>Gives all rankers another table; no ranking may be gathering.</summary>
    public void Use(AffinityTable table)
    {
        Affinity = table;
        foreach (var ranker in _byCombination) ranker.Slates.Affinity = table;
    }

    /// <summary>Gives all rankers newer vectors, each of the version it reads; no ranking may be gathering.</summary>
    /// <param name="newer">The table in place of one in use.</param>
    public void Use(IReadOnlyDictionary<ItemVectors, ItemVectors> newer)
    {
        Live = Live with { Vectors = Newer(newer, Live.Vectors) };
        Models = Models.ToDictionary(pair => pair.Key, pair => pair.Value with { Vectors = Newer(newer, pair.Value.Vectors) }, StringComparer.Ordinal);
        foreach (var ranker in _byCombination) ranker.Slates.Vectors = Newer(newer, ranker.Slates.Vectors);
    }

    private static ItemVectors? Newer(IReadOnlyDictionary<ItemVectors, ItemVectors> newer, ItemVectors? used) => used is null ? null : newer.GetValueOrDefault(used, used);
}
