using System.Security.Cryptography;
using Recs.Domain;
using Recs.Features;

namespace Recs.Ranker.Model;

/// <summary>Which program a decision was made by.</summary>
public static class CodeVersion
{
    /// <summary>16 hex digits over the compiled code that a slate depends on: equal sources built by the same compiler give equal digits (builds are deterministic).</summary>
    public static string Current { get; } = Convert.ToHexStringLower(SHA256.HashData([
        .. typeof(ItemId).Module.ModuleVersionId.ToByteArray(), .. typeof(FeatureSchema).Module.ModuleVersionId.ToByteArray(), .. typeof(RankerModel).Module.ModuleVersionId.ToByteArray()]))[..16];
}
