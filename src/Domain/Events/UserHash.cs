using System.Security.Cryptography;
using System.Text;

namespace Recs.Domain.Events;

/// <summary>A user id that can be recognized and not read: what is kept of an erased person.</summary>
public static class UserHash
{
    /// <summary>SHA-256 of the id's UTF-8 bytes, 64 hex digits. Safe from any thread.</summary>
    public static string Of(UserId user) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user.Value)));

    /// <summary>Whose event it is; null for an item's.</summary>
    public static UserId? UserOf(Event source) => source switch
    {
        UserUpserted user => user.User,
        Impression impression => impression.User,
        Interaction interaction => interaction.User,
        _ => null,
    };
}
