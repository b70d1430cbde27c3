using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Recs.Domain;

namespace Recs.Api.Experiments;

/// <summary>
/// Arms of which each user gets at most one. The unit is the user, hashed with the layer's salt: the same user always gets the same arm, whatever other
/// layers do, and two layers are independent because their salts differ.
/// </summary>
/// <param name="Name">For answers and reports; 1 to 256 characters, unique among the layers.</param>
/// <param name="Arms">In the order in which their shares are laid side by side: an arm that grows at the end moves no user of the others.</param>
public sealed record ExperimentLayer(string Name, IReadOnlyList<ExperimentArm> Arms)
{
    /// <summary>Hashed before the user; another salt draws all users anew. Default: the layer's name.</summary>
    public string Salt { get; init; } = Name;

    /// <summary>The kill switch: true gives every user what they would get without this layer. Default false.</summary>
    public bool IsStopped { get; init; }

    /// <summary>Which arm a user gets, as its place in <see cref="Arms"/>; −1 for none.</summary>
    public int ArmOf(UserId user)
    {
        if (IsStopped) return -1;
        var point = Point(user);
        var (from, arm) = (0.0, 0);
        for (; arm < Arms.Count; arm++)
            if (point < (from += Arms[arm].Share)) return arm;
        return -1;
    }

    /// <summary>Where a user stands in [0, 1): the first 53 bits of SHA-256 over the salt, a zero byte and the id, both UTF-8.</summary>
    internal double Point(UserId user)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var length = Encoding.UTF8.GetByteCount(Salt) + 1 + Encoding.UTF8.GetByteCount(user.Value);
        var bytes = length <= 1_024 ? stackalloc byte[length] : new byte[length];
        var salt = Encoding.UTF8.GetBytes(Salt, bytes);
        bytes[salt] = 0;
        Encoding.UTF8.GetBytes(user.Value, bytes[(salt + 1)..]);
        SHA256.HashData(bytes, hash);
        return SplitMix.Unit(BinaryPrimitives.ReadUInt64BigEndian(hash));
    }
}
